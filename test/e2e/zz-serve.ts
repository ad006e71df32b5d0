import { writeFileSync } from 'node:fs';
import makeSnapshot from '../support/snapshot.ts';
import { startABoard } from './a-board.ts';

await makeSnapshot();
const { harness } = await startABoard();
writeFileSync('/tmp/tc/url', harness.app.url);
console.log(harness.app.url);
setInterval(() => {}, 1000);
