/** What is outside of this room, and what a test or an operator can set. */
export interface Reach {
  /** The DNS servers to ask, each `address` or `address:port`. The machine's own unless given. */
  dnsServers?: readonly string[];
  /** Certificates in PEM that are trusted beside those Node trusts. */
  ca?: readonly string[];
  /** What the time is, for the dates of certificates. */
  now?: () => Date;
}
