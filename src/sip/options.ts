import { randomBytes } from 'node:crypto';
import { addressOfRecord, hostPart, registrarUri, type SipAccount } from './account.ts';
import { untilAborted } from './failure.ts';
import type { Flow } from './flow.ts';
import type { Message } from './message.ts';

/**
 * Asks what is there for what it can do (RFC 3261, section 11). Any final answer will do: it is SIP that speaks there.
 * @throws Failure when none comes
 */
export function askOptions(account: SipAccount, flow: Flow, signal: AbortSignal): Promise<Message> {
  const branch = `z9hG4bK${randomBytes(8).toString('hex')}`;
  const answered = new Promise<Message>((resolve, reject) => {
    flow.onEnd = reject;
    flow.onMessage = (message) => {
      if ((message.status ?? 0) >= 200 && message.branch === branch) resolve(message);
    };
    flow.send(request(account, flow, branch));
  });
  return untilAborted(answered, signal);
}

function request(account: SipAccount, flow: Flow, branch: string): string {
  const { address, port } = flow.local;
  const own = `${hostPart(address)}:${port}`;
  const lines = [
    `OPTIONS ${registrarUri(account)} SIP/2.0`,
    `Via: SIP/2.0/${flow.transport} ${own};branch=${branch};rport`,
    'Max-Forwards: 70',
    `From: <${addressOfRecord(account)}>;tag=${randomBytes(6).toString('hex')}`,
    `To: <${registrarUri(account)}>`,
    `Call-ID: ${randomBytes(12).toString('hex')}`,
    'CSeq: 1 OPTIONS',
    `Contact: <sip:${own};transport=${flow.transport.toLowerCase()}>`,
    'Accept: application/sdp',
    'User-Agent: TeamMate Bot',
    'Content-Length: 0',
  ];
  return `${lines.join('\r\n')}\r\n\r\n`;
}
