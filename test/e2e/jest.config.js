import { readFileSync } from 'node:fs';

const { jest } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));

/** As the other tests, but one file after the other: each runs a whole demo and a browser. */
export default {
  rootDir: import.meta.dirname,
  testEnvironment: jest.testEnvironment,
  extensionsToTreatAsEsm: jest.extensionsToTreatAsEsm,
  transform: jest.transform,
  maxWorkers: 1,
  testTimeout: 120_000,
};
