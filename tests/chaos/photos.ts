import { playHistory } from '../worlds/photo-histories.ts';
import { killedImport, unpluggedImport } from '../worlds/photo-interruptions.ts';
import { knownPhone } from '../worlds/photo-library.ts';

/**
 * Photos at length: a library of 50,000, a kill at every write of the database and an unplug at every operation of an import
 * of 40, and random histories of both sides.
 */

const FILES = 40;
const TOGETHER = 4;
const STEPS = 8;

/** How much of it. */
export interface PhotoChaosOptions {
  readonly histories: number;
  /** The seed of the first history. */
  readonly seed: number;
  /** Every how manieth moment of an import; 1: every one. 0: none, and no library. */
  readonly every: number;
}

/** Runs it all, and tells each part in a line. */
export async function photoChaos({
  histories,
  seed,
  every,
}: PhotoChaosOptions): Promise<{ readonly parts: number; readonly failed: number }> {
  let failed = 0;
  let parts = 0;
  const part = async (name: string, work: () => Promise<string>): Promise<void> => {
    parts += 1;
    const started = performance.now();
    try {
      const what = await work();
      console.log(`ok     ${name}: ${what}; ${((performance.now() - started) / 1000).toFixed(0)} s`);
    } catch (error) {
      failed += 1;
      console.log(`FAILED ${name}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    }
  };
  if (every > 0) {
    await part('a library of 50,000 and a phone of 5,000', async () => {
      const cost = await knownPhone({ library: 50_000, phone: 5_000, known: 4_500 });
      const seconds = (ms: number): string => (ms / 1000).toFixed(1);
      return (
        `first look ${seconds(cost.lookMs)} s, second ${seconds(cost.againMs)} s, ` +
        `${(cost.phoneBytes / 1e6).toFixed(0)} MB read of the phone and ${(cost.localBytes / 1e6).toFixed(0)} MB here`
      );
    });
    for (const second of [false, true]) {
      const where = second ? ' (two places)' : '';
      await part(`kills${where}`, () => moments(every, (moment) => killedImport(FILES, moment - 1, { second })));
      await part(`unplugs${where}`, () => moments(every, (moment) => unpluggedImport(FILES, moment, { second })));
    }
  }
  if (histories > 0)
    await part('histories', async () => {
      let freed = 0;
      let kept = 0;
      let next = seed;
      await together(async () => {
        while (next < seed + histories) {
          const told = await playHistory(next++, STEPS);
          freed += told.freed;
          kept += told.kept;
        }
      });
      return `${histories} from seed ${seed}: ${freed} shots freed, ${kept} kept`;
    });
  return { parts, failed };
}

/** Goes through moments until one does not come any more. */
async function moments(every: number, at: (moment: number) => Promise<boolean>): Promise<string> {
  let next = 1;
  let count = 0;
  let isOver = false;
  await together(async () => {
    while (!isOver) {
      const moment = next;
      next += every;
      if (await at(moment)) count += 1;
      else isOver = true;
    }
  });
  return `${count} moments of an import of ${FILES}`;
}

const together = async (work: () => Promise<void>): Promise<void> => {
  await Promise.all(Array.from({ length: TOGETHER }, work));
};
