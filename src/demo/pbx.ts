import { startRegistrar } from './registrar.ts';

/** The PBX of the demo's customer: a real registrar, and the one account it knows. Not a secret: nothing else takes it. */
export const demoPbx = { domain: 'pbx.northwind.example', user: '1001', password: 'demo-registration' } as const;

// Run as a part of the demo: its port, for UDP and TCP, is its one argument.
if (import.meta.main) {
  const port = Number(process.argv[2]);
  const { domain, ...user } = demoPbx;
  const registrar = await startRegistrar({ domain, users: [user], ports: { udp: port, tcp: port } });
  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    process.once(signal, () => registrar.close().finally(() => process.exit()));
}
