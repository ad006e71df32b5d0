import * as z from 'zod';
import { makeAuthority } from './certificates.ts';
import { startRegistrar } from './registrar.ts';

/**
 * The registrar as a program of its own, for the demo: told by the environment, ended by SIGINT or SIGTERM.
 *
 *   REGISTRAR_DOMAIN=pbx.contoso.example REGISTRAR_USERS='[{"user":"1001","password":"…"}]' \
 *   REGISTRAR_PORTS='{"udp":5060,"tcp":5060,"tls":5061}' node test/support/registrar-process.ts
 */
const json = z.string().transform((text, context): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    context.addIssue({ code: 'custom', message: 'write JSON' });
    return z.NEVER;
  }
});
const port = z.int().min(1).max(65_535);
const settings = z.object({
  REGISTRAR_DOMAIN: z.string().min(1),
  REGISTRAR_USERS: json.pipe(
    z.array(z.object({ user: z.string(), password: z.string(), authId: z.string().exactOptional() })),
  ),
  REGISTRAR_PORTS: json.pipe(z.object({ udp: port, tcp: port, tls: port })),
  /** Seconds. */
  REGISTRAR_MIN_EXPIRES: z.coerce.number().default(60),
});

const { REGISTRAR_DOMAIN: domain, ...rest } = settings.parse(process.env);
const registrar = await startRegistrar({
  domain,
  users: rest.REGISTRAR_USERS,
  ports: rest.REGISTRAR_PORTS,
  minExpires: rest.REGISTRAR_MIN_EXPIRES,
  certificate: makeAuthority('Demo authority').issue({ names: [domain, '127.0.0.1'] }),
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void registrar.close());
