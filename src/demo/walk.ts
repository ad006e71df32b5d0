import { access } from '../catalog/access.ts';
import { reseller } from '../catalog/reseller.ts';
import { wordsIn } from '../language/commands.ts';
import { say } from '../language/say.ts';
import { newMasterReseller } from '../simulator/seed.ts';
import { demoPbx } from './pbx.ts';
import { alex, megan, robin } from './people.ts';

const customer = 'Humongous Insurance';
const mail = 'In the mails';

/** From a company nobody knows to a PBX that is registered: who does what, in order. `pbx`: its host and port, where there is one. */
export function walk(pbx: string | undefined): [who: string, does: string][] {
  const { domain, user, password } = demoPbx;
  return [
    [robin.givenName, `type: ${wordsIn('en', access.command)[0]}`],
    [megan.givenName, `enter the ${access.approval?.label} ${newMasterReseller.resellerId}, click Approve`],
    [alex.givenName, `type: ${say(`commands.${reseller.command}.usage`)}`],
    [megan.givenName, 'click Approve; so for each of the next ones'],
    [mail, 'open the newest, follow its link, activate the reseller'],
    [
      alex.givenName,
      `type: add enterprise Contoso; ${customer}; it@humongous.example; pbx; US East 1, US West; PortaSwitch`,
    ],
    [mail, 'register the customer'],
    [alex.givenName, `type: direct routing ${customer}; US East 1, US West`],
    [mail, 'follow each link and accept'],
    ...(pbx
      ? ([
          [alex.givenName, `type: setup pbx ${customer}; PortaSwitch; Head Office; ${domain}; ${user}`],
          ['', `with the proxy ${pbx} and the SIP Password ${password}, or first a wrong one`],
        ] as [string, string][])
      : []),
    [alex.givenName, 'type: show Contoso'],
  ];
}
