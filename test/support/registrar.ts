import { kamailio } from '../../src/demo/registrar.ts';

export { kamailio, type Registrar, startRegistrar } from '../../src/demo/registrar.ts';

/** `describe`, or without Kamailio one that is skipped and says what is missing. */
export function describeWithRegistrar(name: string, tests: () => void): void {
  if (kamailio) describe(name, tests);
  else describe.skip(`${name} (skipped: needs Debian’s packages kamailio and kamailio-tls-modules)`, tests);
}
