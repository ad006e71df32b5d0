import { pino } from 'pino';
import { openJobs } from '../../src/db/jobs.ts';
import { openDatabase } from '../../src/db/open.ts';

// A process that takes a job and never ends it, to be killed. Told where by its arguments, it says when it has the job.
const [url = '', folder = ''] = process.argv.slice(2);
const database = await openDatabase({ url, folder });
const jobs = await openJobs(database, pino({ level: 'silent' }));
const forEver = new Promise<never>(() => {});
const nothing = async () => {};
await jobs.work({
  announce: () => {
    process.stdout.write('working\n');
    return forEver;
  },
  provision: nothing,
  follow: nothing,
  resend: nothing,
  introduce: nothing,
  sync: nothing,
  bill: nothing,
  'bill-file': nothing,
  upload: nothing,
  groups: nothing,
  tidy: nothing,
});
await database.db.transaction().execute((trx) => jobs.send(trx, 'announce', { requestId: 'begun' }));
