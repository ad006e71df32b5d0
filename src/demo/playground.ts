import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { demoMasterReseller } from '../simulator/seed.ts';
import {
  alex,
  approvals,
  bot,
  colleagues,
  type DemoPerson,
  megan,
  nameOf,
  newcomer,
  newcomers,
  personalChat,
  robin,
} from './people.ts';

/**
 * One person's Agents Playground. Each stands for the whole of Teams and knows only its own conversations, so only
 * Megan's has the channel of the approvals: with the same one in both, the bot would post to whichever spoke last.
 */
export function playgroundConfig(me: DemoPerson) {
  const mine = me.givenName.toLowerCase();
  const everybody = [alex, megan, ...colleagues, robin, ...newcomers];
  const others = everybody.filter((one) => one !== me && one.tenantId === me.tenantId);
  const company = me === robin ? newcomer : demoMasterReseller;
  // Megan's, so that Alex has no channel of that name.
  const channel = me === megan ? approvals : { id: `19:${mine}-sales@thread.tacv2`, name: 'Sales' };
  return {
    version: '0.1.1',
    tenantId: me.tenantId,
    bot,
    currentUser: user(me),
    users: others.map(user),
    personalChat: { id: personalChat(me) },
    groupChat: { id: `19:${mine}-group@thread.v2`, name: 'Group Chat' },
    team: {
      id: `19:${mine}-general@thread.tacv2`,
      name: company.name,
      aadGroupId: `00000000-0000-4000-8000-00000000010${[alex, megan, robin].indexOf(me)}`,
      channels: [channel],
    },
  };
}

const user = (one: DemoPerson) => ({
  id: one.teamsId,
  name: nameOf(one),
  // Spelt so by the Playground.
  userPrincipleName: one.email,
  aadObjectId: one.directoryId,
  givenName: one.givenName,
  surname: one.surname,
  email: one.email,
});

/** Writes the person's configuration where their Playground looks for it: in the folder it runs in. */
export function writePlayground(folder: string, me: DemoPerson): void {
  mkdirSync(folder, { recursive: true });
  // JSON is YAML too.
  writeFileSync(join(folder, '.m365agentsplayground.yml'), JSON.stringify(playgroundConfig(me), null, 2));
}

/**
 * A folder to put first in the PATH of a Playground: it opens a browser window at every start and has no setting against
 * it, but asks the desktop by these commands.
 */
export function writeNoBrowser(folder: string): void {
  mkdirSync(folder, { recursive: true });
  for (const command of ['xdg-open', 'open']) {
    const file = join(folder, command);
    writeFileSync(file, '#!/bin/sh\nexit 0\n');
    chmodSync(file, 0o755);
  }
}
