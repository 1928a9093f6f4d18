import { PerformanceObserver } from 'node:perf_hooks';
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';

/**
 * Bytes of V8's young generation beyond which it does not grow. By itself it grows to 134 MB while files are copied beside a
 * scan (Node 24; 34 MB with Node 20), and is hardly given back. Kept as small as it begins, it costs three times the
 * processor time.
 */
const YOUNG = 12 * 1024 * 1024;
/**
 * How far the old generation may grow before it is collected, in hundredths of what was in use. By itself V8 lets it come to
 * four times that, since it takes a program that throws much away for one that needs much. With less than this, collections
 * take half as much processor time again.
 */
const GROWTH = 45;

/**
 * Keeps the heap of a process that stays near what it works on, from now to its end. Looks after each collection: V8 makes
 * the young generation smaller again when there is little to do, and it has to grow once more afterwards.
 */
export function keepHeapSmall(): void {
  // otherwise it grows by 16 MB at least each time, and pages that were given up are kept
  setFlagsFromString('--optimize-for-size');
  setFlagsFromString(`--heap-growing-percent=${GROWTH}`);
  let mayGrow = true;
  const collections = new PerformanceObserver(() => {
    const young = getHeapSpaceStatistics().find(({ space_name: name }) => name === 'new_space');
    if (young === undefined || young.space_size < YOUNG === mayGrow) return;
    mayGrow = !mayGrow;
    setFlagsFromString(`--semi-space-growth-factor=${mayGrow ? 2 : 1}`);
  });
  collections.observe({ entryTypes: ['gc'] });
}
