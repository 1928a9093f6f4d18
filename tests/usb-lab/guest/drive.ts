import { Cli } from './cli.ts';
import type { Lab } from './lab.ts';
import { until } from './wait.ts';

/** What `replug mount` shows of the lab's phone. */
export interface Drive {
  /** Of the whole drive, with its secret and its last slash. */
  readonly url: string;
  /** Of the phone's internal storage, with its last slash. */
  readonly storage: string;
}

/** Runs curl and answers what came, with the status as its last three letters. */
export type Curl = (address: string, ...args: readonly string[]) => Promise<string>;

export function curlOf(lab: Lab): Curl {
  let number = 0;
  return async (address, ...args) => {
    number += 1;
    const curl = lab.start(`curl-${number}`, 'curl', ['-s', '-g', '-w', '\n%{http_code}', ...args, address]);
    const { output } = await curl.ended;
    return output.trim();
  };
}

/** Starts `replug mount --address-only`, which ends with the scenario, and waits until the phone is in the drive. */
export async function showDrive(lab: Lab, curl: Curl): Promise<Drive> {
  const cli = new Cli(lab, { name: 'mount' });
  const url = await cli.address(cli.start(['mount', '--address-only']), 'drive');
  const below = async (address: string, wanted: RegExp): Promise<string> =>
    await until(`${String(wanted)} is in the drive`, 180_000, async () => {
      const listed = await curl(address, '-X', 'PROPFIND', '-H', 'Depth: 1');
      const hrefs = [...listed.matchAll(/<D:href>([^<]*)<\/D:href>/gu)].map(([, href]) => href ?? '');
      const href = hrefs.find((one) => wanted.test(one) && one !== new URL(address).pathname);
      return href === undefined ? undefined : new URL(href, url).href;
    });
  const phone = await below(url, /Lab%20phone/u);
  return { url, storage: await below(phone, /Internal/u) };
}
