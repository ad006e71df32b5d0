import { alex, approvals, megan } from '../../src/demo/people.ts';
import { playgroundConfig } from '../../src/demo/playground.ts';

const hers = playgroundConfig(megan);
const his = playgroundConfig(alex);

const conversations = ({ personalChat, groupChat, team }: typeof hers) => [
  personalChat.id,
  groupChat.id,
  team.id,
  ...team.channels.map(({ id }) => id),
];

test('no conversation is in both Playgrounds, or the bot would post to whichever spoke last', () => {
  expect(conversations(hers).filter((id) => conversations(his).includes(id))).toEqual([]);
  expect(conversations(hers)).toContain(approvals.id);
});

test.each([hers, his])('a Playground gets exactly the five other users and the one channel it takes', (config) => {
  const directoryIds = [config.currentUser, ...config.users].map(({ aadObjectId }) => aadObjectId);
  expect(config.users).toHaveLength(5);
  expect(new Set(directoryIds).size).toBe(6);
  expect(config.team.channels).toHaveLength(1);
});

test('both are in the one organisation, where each knows the other', () => {
  expect(his.tenantId).toBe(hers.tenantId);
  expect(his.users).toContainEqual(hers.currentUser);
  expect(hers.users).toContainEqual(his.currentUser);
});
