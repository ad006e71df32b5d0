import { moment } from './dates.ts';
import { type Html, html } from './html.ts';
import type { Pbx, Registration } from './pbx.ts';
import { chip } from './portal-words.ts';
import { typeOf } from './seed.ts';

/** The PBXes of an enterprise, as its page shows them. */
export function pbxSection(pbxes: readonly Pbx[]): Html {
  if (pbxes.length === 0)
    return html`<h2>PBXes</h2>
<p class="quiet">No PBX has been added.</p>`;
  return html`<h2>PBXes</h2>
<div class="card list"><table>
<thead><tr><th scope="col">PBX Location</th><th scope="col">State</th><th scope="col">PBX Type</th><th scope="col">PBX SIP Domain</th><th scope="col">Since</th></tr></thead>
<tbody>
${pbxes.map(row)}
</tbody></table></div>`;
}

function row({ pbxId, pbxLocation, pbxTypeId, sipDomain, suspended, registration }: Pbx): Html {
  const { state, reason, changedDate } = registration;
  const [title, tone] = suspended ? (['Suspended', ''] as const) : stateTitles[state];
  return html`<tr data-pbx="${pbxId}">
<td class="name">${pbxLocation}</td>
<td data-label="State"><div>${chip(title, tone)}<p class="waits">${reason}</p></div></td>
<td data-label="PBX Type"><span class="one">${typeOf(pbxTypeId)}</span></td>
<td data-label="PBX SIP Domain"><span class="code">${sipDomain}</span></td>
<td data-label="Since">${moment(changedDate)}</td>
</tr>
`;
}

const stateTitles: Record<Registration['state'], readonly [title: string, tone: 'good' | 'wait' | 'bad']> = {
  REGISTERED: ['Registered', 'good'],
  NOT_REGISTERED: ['Not registered', 'bad'],
  PENDING: ['Registering', 'wait'],
};
