import { styleText } from 'node:util';
import { alex, approvals, megan, nameOf, robin } from './people.ts';
import { kamailio } from './registrar.ts';
import { walk } from './walk.ts';

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
  tab: string;
  pbx: string;
}): string {
  const pbx = kamailio ? new URL(addresses.pbx).host : undefined;
  const places = table([
    ['Who or what', 'Where', ''],
    [`${nameOf(alex)}, asks`, addresses.alex, 'type: help'],
    [`${nameOf(megan)}, approves`, addresses.megan, `open the channel ${approvals.name}`],
    [`${nameOf(robin)}, of a new company`, addresses.robin, ''],
    ['The tab', addresses.tab, 'choose who you are'],
    ['Mail viewer', addresses.mail, 'Ctrl+click a mail’s link (on a Mac: Cmd+click)'],
    ['TeamMate (simulated)', addresses.simulator, 'look at its portal'],
    ...(pbx ? [['PBX (Kamailio)', pbx, 'registrations come here']] : []),
  ]);
  return `${places}\n\n${table([['Who', 'What to do, in this order'], ...walk(pbx)])}`;
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
