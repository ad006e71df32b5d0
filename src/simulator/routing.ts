import * as z from 'zod';
import { consentTypes, isGranted, missingConsents } from './consent.ts';
import type { Enterprise } from './enterprise.ts';
import { Refusal } from './http.ts';
import { sbcRegions } from './regions.ts';
import { refuseSuspended } from './suspension.ts';

/** (E) What happens one after the other; (I) that it is told, and these names. */
export const routingStates = ['DOMAIN_ADDED', 'DOMAIN_ACTIVATING', 'DOMAIN_ACTIVE', 'ROUTES_CREATED'] as const;
export type RoutingState = (typeof routingStates)[number];
export const lastState = 'ROUTES_CREATED' satisfies RoutingState;

export const routingsSchema = z
  .array(
    z.object({
      sbcGatewayId: z.number().int(),
      domain: z.string(),
      state: z.enum(routingStates),
      startedDate: z.string(),
      changedDate: z.string(),
      /** (E) An e-mail tells the end. `none` before that. */
      mail: z.enum(['none', 'queued', 'sent', 'failed']),
    }),
  )
  .default([]);
export type Routing = z.infer<typeof routingsSchema>[number];

/** (E) The two licences that Direct Routing needs in the customer's tenant; here each is there or not. */
export const licencesSchema = z
  .object({ user: z.boolean(), phoneSystem: z.boolean() })
  .default({ user: true, phoneSystem: true });

export const licenceTitles: Record<keyof Enterprise['licences'], string> = {
  user: 'an unassigned user licence',
  phoneSystem: 'a Phone System licence',
};

export const missingLicences = ({ licences }: Pick<Enterprise, 'licences'>) =>
  (Object.keys(licenceTitles) as (keyof typeof licenceTitles)[]).filter((licence) => !licences[licence]);

/**
 * The body of `POST /provisioning/provisionDirectRouting`. (E) `sbcGatewayId`, and a Microsoft token, which the
 * service-provider consent replaces; (I) `enterpriseId`: the documented body has none, and with a reseller's token
 * something has to say whose routing it is.
 */
export const newRouting = z.object({
  enterpriseId: z.number({ error: 'enterpriseId is required.' }).int(),
  sbcGatewayId: z.number({ error: 'sbcGatewayId is required.' }).int(),
  authenticationResult: z
    .object(
      { authenticationResult: z.object({ accessToken: z.string().min(1) }) },
      {
        error: 'authenticationResult holds an authenticationResult with an accessToken.',
      },
    )
    .nullish(),
});

/** What is missing; (I) its shape: several mistakes at once, each with a code. */
interface Missing {
  code: 'NOT_REGISTERED' | 'CONSENT_MISSING' | 'USER_LICENCE_MISSING' | 'PHONE_SYSTEM_LICENCE_MISSING';
  message: string;
  actionType?: string;
}

/**
 * Begins Direct Routing for one gateway. The Microsoft token is neither used nor kept.
 * @throws Refusal 400 for what is missing, 409 when the gateway has it already (I: no idempotency is promised)
 */
export function beginRouting(enterprise: Enterprise, order: z.infer<typeof newRouting>, now: Date): Routing {
  const { sbcGatewayId } = order;
  if (!enterprise.sbcGateways.includes(sbcGatewayId)) {
    const message = `${enterprise.enterpriseName} does not have the SBC gateway ${sbcGatewayId}.`;
    throw new Refusal(400, { message, code: 'NO_SUCH_GATEWAY', field: 'sbcGatewayId' });
  }
  if (enterprise.routings.some((one) => one.sbcGatewayId === sbcGatewayId)) {
    const message = `Direct Routing of ${enterprise.enterpriseName} for the SBC gateway ${sbcGatewayId} exists already.`;
    throw new Refusal(409, { message, code: 'ALREADY_PROVISIONED', field: 'sbcGatewayId' });
  }
  refuseSuspended(enterprise, { name: enterprise.enterpriseName, field: 'enterpriseId' });
  const missing = missingFor(enterprise, !!order.authenticationResult);
  if (missing.length > 0)
    throw new Refusal(400, { message: missing.map((one) => one.message).join(' '), errors: missing });
  const date = now.toISOString();
  const routing: Routing = {
    sbcGatewayId,
    // (E) A name of this kind; (I) that each gateway has one of its own.
    domain: `cust${enterprise.enterpriseId}.sbc${sbcGatewayId}.teammate.example`,
    state: 'DOMAIN_ADDED',
    startedDate: date,
    changedDate: date,
    mail: 'none',
  };
  enterprise.routings.push(routing);
  return routing;
}

/** What has to be there first. What cannot be seen yet is not told: no consents before there is an administrator, no
 *  licences before somebody has consented to reading them. */
function missingFor(enterprise: Enterprise, withToken: boolean): Missing[] {
  const { enterpriseName: name, registeredDate } = enterprise;
  if (!registeredDate) return [{ code: 'NOT_REGISTERED', message: `${name} is not registered yet.` }];
  const needed = missingConsents(enterprise);
  // (E) A reseller's own token is enough only with the consent to manage.
  if (!withToken && !isGranted(enterprise, 'GET_SERVICE_PROVIDER_CONSENT')) needed.push('GET_SERVICE_PROVIDER_CONSENT');
  if (needed.length > 0)
    return needed.map((actionType) => ({
      code: 'CONSENT_MISSING',
      message: `${name} has not granted ${consentTypes[actionType].title}.`,
      actionType,
    }));
  return missingLicences(enterprise).map((licence) => ({
    code: licence === 'user' ? 'USER_LICENCE_MISSING' : 'PHONE_SYSTEM_LICENCE_MISSING',
    message: `${name} needs ${licenceTitles[licence]}.`,
  }));
}

/** The next state; the last one brings the e-mail. */
export function advance(routing: Routing, now: Date): void {
  routing.state = routingStates[routingStates.indexOf(routing.state) + 1] ?? lastState;
  routing.changedDate = now.toISOString();
  if (routing.state === lastState) routing.mail = 'queued';
}

export const regionOf = (id: number) =>
  sbcRegions.find((one) => one.sbcGatewayId === id)?.sbcGatewayRegion ?? `Gateway ${id}`;

/** (E) That a tenant then has voice routes and a dial plan; (I) their names. */
export const shownRouting = ({ mail: _, ...routing }: Routing) => ({
  ...routing,
  sbcGatewayRegion: regionOf(routing.sbcGatewayId),
  ...(routing.state === lastState
    ? { voiceRoutes: [`TeamMate ${regionOf(routing.sbcGatewayId)}`], dialPlan: 'TeamMate' }
    : { voiceRoutes: [], dialPlan: null }),
});
