import { writeFileSync } from 'node:fs';
import { startABoard } from './a-board.ts';
import makeSnapshot from '../support/snapshot.ts';
await makeSnapshot();
const { harness } = await startABoard();
writeFileSync('/tmp/tc/url', harness.app.url);
console.log(harness.app.url);
setInterval(()=>{},1000);
