import { styleText } from 'node:util';
import { access } from '../catalog/access.ts';
import { reseller } from '../catalog/reseller.ts';
import { newMasterReseller } from '../simulator/seed.ts';
import { alex, approvals, megan, nameOf, robin } from './people.ts';

/**
 * What the person who started the demo needs to know: who is where, and what to do there. The link wants Ctrl because
 * MailDev 3 shows mails in a sandbox, in which a plain click opens nothing.
 */
export function welcome(addresses: {
  alex: string;
  megan: string;
  robin: string;
  mail: string;
  simulator: string;
}): string {
  const rows = [
    ['Who or what', 'Where', 'What to do there'],
    [`${nameOf(alex)}, asks`, addresses.alex, `type: ${reseller.example}`],
    ['', '', 'or type: help'],
    [`${nameOf(megan)}, approves`, addresses.megan, `open the channel ${approvals.name}, click Approve`],
    [`${nameOf(robin)}, of a new company`, addresses.robin, `type: ${access.commands[0]}`],
    ['', '', `${megan.givenName} approves with the ${access.approval?.label} ${newMasterReseller.resellerId}`],
    ['Mail viewer', addresses.mail, 'open the activation e-mail, Ctrl+click its link (on a Mac: Cmd+click)'],
    ['TeamMate (simulated)', addresses.simulator, 'look at its portal'],
  ] as const;
  return table(rows);
}

/** Columns as wide as their widest text, the first row as their heading. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map((row) =>
    row
      .map((text, column) => text.padEnd(widths[column] ?? 0))
      .join('   ')
      .trimEnd(),
  );
  const [heading = '', ...rest] = lines;
  return [styleText('bold', heading), ...rest].map((line) => `  ${line}`).join('\n');
}
