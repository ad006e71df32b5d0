import { readConfig } from '../../src/config.ts';
import { createTeamMate } from '../../src/provisioning/teammate.ts';
import { demoLogin, demoMasterReseller } from '../../src/simulator/seed.ts';

/** Tries until it gives something. @throws Error with `what` after half a minute */
export async function eventually<T>(what: string, attempt: () => Promise<T | undefined>): Promise<T> {
  for (
    const until = Date.now() + 30_000;
    Date.now() < until;
    await new Promise((resolve) => setTimeout(resolve, 200))
  ) {
    const found = await attempt();
    if (found !== undefined) return found;
  }
  throw new Error(`This did not happen: ${what}`);
}

interface Mail {
  id: string;
  subject: string;
  text: string;
  to: { address: string }[];
}

/** The activation link in the newest mail to somebody, as the mail viewer lists it. */
export async function activationLink(viewer: string, email: string): Promise<string> {
  return eventually(`an activation e-mail to ${email}`, async () => {
    const mails = (await fetch(`${viewer}/api/email`).then((answer) => answer.json())) as Mail[];
    const mail = mails.findLast(({ to }) => to.some(({ address }) => address === email));
    return mail && /https?:\/\/\S+code=\S+/.exec(mail.text)?.[0];
  });
}

/** Has the simulator do something wrong with the next calls; see src/simulator/faults.ts. */
export async function fault(simulator: string, what: object): Promise<void> {
  const answer = await fetch(`${simulator}/_faults`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(what),
  });
  if (!answer.ok) throw new Error(`the simulator answered ${answer.status} to a fault`);
}

/** Somebody adds resellers past the bot, over TeamMate's API. */
export async function addInTeamMate(simulator: string, names: string[]): Promise<void> {
  const teammate = createTeamMate(
    readConfig({
      ALLOW_UNAUTHENTICATED: 'true',
      ORGANISATIONS: `00000000-0000-4000-8000-000000000000=${demoMasterReseller.resellerId}`,
      TEAMMATE_URL: simulator,
      TEAMMATE_CLIENT_ID: demoLogin.clientId,
      TEAMMATE_CLIENT_SECRET: demoLogin.clientSecret,
      TEAMMATE_USERNAME: demoLogin.username,
      TEAMMATE_PASSWORD: demoLogin.password,
    }),
  );
  for (const name of names)
    await teammate.reseller.create(
      { name, email: `office@${name.toLowerCase()}.example`, services: ['PBX'], billingReference: '' },
      String(demoMasterReseller.resellerId),
      name,
    );
  await teammate.close();
}
