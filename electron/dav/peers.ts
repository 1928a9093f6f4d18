import { readFile } from 'node:fs/promises';
import type { Socket } from 'node:net';

/**
 * Whose program a connection belongs to. A program that mounts the drive is given its address as an argument, which other
 * users of the computer can read while it runs; on Linux the kernel tells whose socket the other end is, so they are refused
 * all the same.
 */

/** Accounts of people begin here; below are the system's own, such as davfs2's, to which only root gives an address. */
const FIRST_PERSON = 1_000;

/** Whether the other end belongs to this user or to the system. Always true where the kernel tells nothing. */
export async function isOwnPeer(
  { localPort, remotePort }: Pick<Socket, 'localPort' | 'remotePort'>,
  read: () => Promise<string> = () => readFile('/proc/net/tcp', 'ascii'),
  mine: number | undefined = process.getuid?.(),
): Promise<boolean> {
  if (mine === undefined || localPort === undefined || remotePort === undefined) return true;
  let table: string;
  try {
    table = await read();
  } catch {
    return true;
  }
  const uid = ownerOf(table, remotePort, localPort);
  return uid === mine || (uid !== undefined && uid < FIRST_PERSON);
}

/** The user of the socket on 127.0.0.1 that is connected from `port` to `to`, from the lines of `/proc/net/tcp`. */
function ownerOf(table: string, port: number, to: number): number | undefined {
  const ends = `${addressOf(port)} ${addressOf(to)} `;
  const line = table.split('\n').find((one) => one.includes(ends));
  const uid = line?.trim().split(/\s+/)[7];
  return uid === undefined ? undefined : Number(uid);
}

const addressOf = (port: number): string => `0100007F:${port.toString(16).toUpperCase().padStart(4, '0')}`;
