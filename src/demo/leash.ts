/**
 * Loaded into every part of the demo before its own code. The demo holds the other end of stdin: when it is gone, however
 * it ended (kill -9, a closed terminal), the part ends as well and its port is free again.
 */
const patience = 8_000;

process.stdin.once('close', () => {
  process.kill(process.pid, 'SIGTERM');
  setTimeout(() => process.kill(process.pid, 'SIGKILL'), patience).unref();
});
process.stdin.resume();
// It must not keep a part alive that has finished.
if ('unref' in process.stdin) process.stdin.unref();
