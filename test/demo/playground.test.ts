import { alex, approvals, megan, robin } from '../../src/demo/people.ts';
import { playgroundConfig } from '../../src/demo/playground.ts';

const hers = playgroundConfig(megan);
const his = playgroundConfig(alex);
const theirs = playgroundConfig(robin);

const conversations = ({ personalChat, groupChat, team }: typeof hers) => [
  personalChat.id,
  groupChat.id,
  team.id,
  ...team.channels.map(({ id }) => id),
];

test('no conversation is in two Playgrounds, or the bot would post to whichever spoke last', () => {
  const all = [hers, his, theirs].flatMap(conversations);
  expect(new Set(all).size).toBe(all.length);
  expect(conversations(hers)).toContain(approvals.id);
});

test.each([hers, his, theirs])(
  'a Playground gets exactly the five other users and the one channel it takes',
  (config) => {
    const directoryIds = [config.currentUser, ...config.users].map(({ aadObjectId }) => aadObjectId);
    expect(config.users).toHaveLength(5);
    expect(new Set(directoryIds).size).toBe(6);
    expect(config.team.channels).toHaveLength(1);
  },
);

test('Alex and Megan are in the one organisation, where each knows the other', () => {
  expect(his.tenantId).toBe(hers.tenantId);
  expect(his.users).toContainEqual(hers.currentUser);
  expect(hers.users).toContainEqual(his.currentUser);
});

test('Robin is of another company: nobody there is of the first one', () => {
  expect(theirs.tenantId).not.toBe(hers.tenantId);
  const ids = [hers, his].flatMap(({ currentUser, users }) => [currentUser, ...users]).map((one) => one.aadObjectId);
  for (const { aadObjectId } of [theirs.currentUser, ...theirs.users]) expect(ids).not.toContain(aadObjectId);
});
