import { setTimeout as pause } from 'node:timers/promises';
import { approvals } from './people.ts';
import { DemoError } from './settings.ts';

/** How often it is tried again, and how long each time is waited for the bot to have heard of it. Milliseconds. */
const tries = 10;
const patience = 2_000;

/**
 * Installs the bot in Megan's channel, so that the approvals have their place before she opens it. Not done before the bot
 * says that it heard: a Playground answers the same whether or not the bot was there.
 * The personal chats are left to the Playground: it installs the bot there when its page is opened, and only then would
 * anybody see the greeting that follows.
 * @throws DemoError when the bot does not hear of it
 */
export async function installBot(at: { bot: string; megan: string }, signal: AbortSignal): Promise<void> {
  const before = await heard(at.bot);
  for (let tried = 0; tried < tries; tried++) {
    await install(at.megan, approvals.id);
    for (const until = Date.now() + patience; Date.now() < until; await pause(100, undefined, { signal }))
      if ((await heard(at.bot)) > before) return;
  }
  throw new DemoError('The bot does not hear of its installation in the Playground.');
}

/** As the Playground's own page does when it is opened in a conversation; the endpoint is undocumented. */
async function install(playground: string, conversationId: string): Promise<void> {
  const answer = await fetch(`${playground}/_debug/conversation/${encodeURIComponent(conversationId)}/installation`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{}',
  });
  if (!answer.ok) throw new DemoError(`The Playground answered an installation with ${answer.status}.`);
}

/** How many activities the bot has answered with 200, by its own count: an installation is, a message is not (202). */
async function heard(bot: string): Promise<number> {
  const metrics = await fetch(`${bot}/metrics`).then((answer) => answer.text());
  return Number(
    /^teammate_http_seconds_count\{route="POST \/api\/messages",status="200"\} (\d+)$/m.exec(metrics)?.[1] ?? 0,
  );
}
