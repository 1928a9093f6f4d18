import { dirname, join } from 'node:path';
import { rmSync } from 'node:fs';
import { answer } from '../support/answer.ts';
import { Operation } from '../../electron/mtp/wire/index.ts';
import type { EnqueueRequest } from '../../electron/engine/index.ts';
import type { RunResult } from '../../electron/sync/index.ts';
import { localPath, type TransferId } from '../../shared/domain.ts';
import { isPhoneError } from '../../shared/errors.ts';
import type { Case } from './case.ts';
import { judge, type Facts } from './judge.ts';
import { meddle, nameOf, noDeed, type Deed } from './meddle.ts';
import { Stage, WHOLE_BELOW } from './stage.ts';

/** Plays one case: creates the files, starts the transfer, meddles once at the chosen moment and judges the result. */

export interface Played {
  /** Violations, one sentence each; empty if the case passes. */
  readonly violations: readonly string[];
  /** Number of moments of each kind. */
  readonly moments: Readonly<Record<'write' | 'transaction', number>>;
  /** Whether the meddling happened during the transfer and not only after its end. */
  readonly inTheMiddle: boolean;
  readonly log: readonly string[];
}

const DATE = Date.UTC(2024, 2, 3, 4, 5, 6);
const YEAR = 365 * 86_400_000;
const LARGE = 2 * 1024 * 1024 + 11;
/** Real time in which every transfer that can end does; the clock runs fifty times as fast. */
const PATIENCE_MS = 6_000;
const LOOK_MS = 3;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export async function play(one: Case): Promise<Played> {
  const stage = new Stage({ isLocalTheSource: one.scenario.endsWith('upload') || one.scenario === 'sync-to-phone' });
  const deed = noDeed();
  try {
    const facts = furnish(stage, one);
    await stage.world.start();
    const failure = await (
      one.scenario.startsWith('sync')
        ? playSync(stage, one, deed, facts)
        : one.scenario.startsWith('clean')
          ? playCleaning(stage, one, deed, facts)
          : playTransfer(stage, one, deed, facts)
    ).then(
      () => [],
      (error: unknown) => [`it broke: ${error instanceof Error ? error.message : JSON.stringify(error)}`],
    );
    const violations = [...failure, ...stage.complaints, ...judge(stage, one, deed, facts)].map((violation) =>
      violation.replaceAll(`${stage.world.folder}/`, ''),
    );
    return { violations, moments: { ...stage.moments }, inTheMiddle: facts.inTheMiddle, log: [...stage.world.log] };
  } finally {
    await stage.end();
  }
}

/** The files of a case, each with unique content, and unrelated files beside them. */
function furnish(stage: Stage, one: Case): Facts {
  const facts: Facts = {
    names: [],
    versions: new Map(),
    before: new Map(),
    bystanders: new Map(),
    inTheMiddle: false,
    gone: undefined,
  };
  for (let index = 0; index < one.files; index += 1) {
    const name = nameOf(index, one);
    facts.names.push(name);
    const size = index < one.large ? LARGE + index : WHOLE_BELOW / 2 + index;
    const digest = stage.ledger.write(join(stage.source, name), `the source ${name}`, stage.ledger.bytes(size), DATE);
    facts.versions.set(name, [digest]);
    if (!one.there || one.scenario.startsWith('sync')) continue;
    // smaller and older: every rule that may replace it would
    const target = join(stage.target, name);
    const old = stage.ledger.write(target, `what was at ${name}`, stage.ledger.bytes(1_000 + index), DATE - YEAR);
    facts.before.set(target, old);
  }
  const { world, ledger } = stage;
  for (const path of [
    join(stage.target, 'bystander.jpg'),
    join(world.here, 'elsewhere.txt'),
    join(world.phoneFolder, 'DCIM', 'holiday.jpg'),
    ...facts.names.map((name) => join(stage.twinFolder, 'Download', 'set', name)),
  ])
    facts.bystanders.set(path, ledger.write(path, `a bystander at ${path}`, ledger.bytes(4_000), DATE));
  return facts;
}

async function enqueue(stage: Stage, one: Case): Promise<TransferId> {
  const options = { onConflict: one.rule, onName: 'fail', move: one.move, verify: 'sampled' } as const;
  const request: EnqueueRequest = one.scenario.endsWith('upload')
    ? { direction: 'upload', sources: [localPath(stage.local)], to: stage.place('/Download'), options }
    : { direction: 'download', sources: [stage.place('/Download/set')], to: localPath(dirname(stage.local)), options };
  for (let tries = 1; ; tries += 1)
    try {
      return (await stage.world.engine.enqueue(request)).transfer;
    } catch (error) {
      // a person sees the database error and tries again
      if (tries > 3 || !isPhoneError(error) || error.kind !== 'store') throw error;
    }
}

async function playTransfer(stage: Stage, one: Case, deed: Deed, facts: Facts): Promise<void> {
  stage.arm(one.at, () => meddle(stage, one, deed));
  const transfer = await enqueue(stage, one);
  await untilEnded(stage, one);
  facts.inTheMiddle = stage.isSpent;
  await afterwards(stage, transfer, one);
}

/** What must hold once the meddling is over and everything is connected again. */
async function afterwards(stage: Stage, transfer: TransferId, one: Case): Promise<void> {
  if (!stage.isSpent) stage.spend();
  await stage.allIsBack();
  if (!(await untilEnded(stage, one))) {
    // a person who sees a stalled transfer presses Retry
    await stage.command('resume', transfer);
    await untilEnded(stage, one);
  }
  // a failed listing is repeated when a person asks for it
  if (stage.world.store.transfer(transfer)?.planFailed === true) {
    await stage.command('retry', transfer);
    await pause(LOOK_MS);
    await untilEnded(stage, one);
  }
  const view = stage.transfer;
  const mayStop =
    one.meddling.startsWith('target-') || one.meddling.startsWith('source-') || one.meddling === 'copy-edit';
  const expected = one.meddling === 'cancel' ? ['done', 'cancelled'] : ['done'];
  if (
    view !== undefined &&
    !expected.includes(view.state) &&
    !(mayStop && ['failed', 'waiting'].includes(view.state))
  ) {
    stage.complaints.push(
      `it ended as ${view.state}${view.waitingFor === undefined ? '' : `, waiting for ${view.waitingFor.kind}`}: ${view.problem?.detail ?? JSON.stringify(view.counts)}`,
    );
  }
  if (view?.state === 'waiting' && view.waitingFor?.kind !== 'source')
    stage.complaints.push(`it waits for ${view.waitingFor?.kind ?? 'nothing'}, which is there`);
  if (view?.state !== 'done') {
    await stage.command('cancel', transfer);
    await untilEnded(stage, one);
  }
  await untilClean(stage);
}

/** A large file is interrupted, the person cancels while the phone is away, and the phone comes back. */
async function playCleaning(stage: Stage, one: Case, deed: Deed, facts: Facts): Promise<void> {
  const isUpload = one.scenario === 'clean-upload';
  const { phone } = stage.world;
  const cut = isUpload
    ? one.large > 0
      ? { operation: Operation.SendPartialObject, occurrence: 2 }
      : { operation: Operation.SendObject, occurrence: 1 }
    : one.large > 0
      ? { operation: Operation.GetPartialObject64, occurrence: 2 }
      : { operation: Operation.GetObject, occurrence: 1 };
  phone.behave({ kind: 'unplug-in', phase: 'data', ...cut });
  const transfer = await enqueue(stage, one);
  const end = performance.now() + PATIENCE_MS;
  while (phone.isPlugged && performance.now() < end) {
    answerAll(stage);
    if (isOver(stage)) break;
    await pause(LOOK_MS);
  }
  stage.arm(one.at, () => meddle(stage, one, deed));
  await stage.command('cancel', transfer);
  if (!phone.isPlugged) phone.plug();
  await stage.world.engine.waitForDevice(undefined, 20_000).catch(() => undefined);
  await untilClean(stage);
  facts.inTheMiddle = stage.isSpent;
  if (!stage.isSpent) stage.spend();
  await stage.allIsBack();
  await untilEnded(stage, one);
  if (one.meddling === 'store-refuses' && !isOver(stage)) await stage.command('cancel', transfer);
  await untilEnded(stage, one);
  await untilClean(stage);
}

/** A run that copies, changes to the source, a run with meddling, and a last run that picks up the rest. */
async function playSync(stage: Stage, one: Case, deed: Deed, facts: Facts): Promise<void> {
  const pair = stage.sync.addPair({
    place: stage.place('/Download/set'),
    local: stage.localPath,
    direction: one.scenario === 'sync-to-computer' ? 'to-computer' : 'to-phone',
    deletions: one.move ? 'mirror' : 'ignore',
    deletionLimit: 1,
  });
  const run = (): Promise<RunResult | undefined> =>
    stage.sync.run(pair.id, { waitMs: 20_000, confirmDeletions: true }).catch(() => undefined);
  if (one.there) {
    await run();
    for (const name of facts.names) {
      const [digest = ''] = facts.versions.get(name) ?? [];
      facts.before.set(join(stage.target, name), digest);
      // the old copy may be replaced: a person has changed its source
      stage.ledger.give(digest);
    }
    const last = facts.names.at(-1) ?? '';
    for (const name of facts.names.slice(0, -1)) version(stage, facts, name);
    if (one.move && facts.names.length > 1) {
      rmSync(join(stage.source, last));
      facts.gone = last;
    } else version(stage, facts, last);
  }
  stage.arm(one.at, () => meddle(stage, one, deed));
  await run();
  facts.inTheMiddle = stage.isSpent;
  if (!stage.isSpent) stage.spend();
  await stage.allIsBack();
  const last = await run();
  const allowed =
    one.meddling.startsWith('target-') || one.meddling.startsWith('source-') || one.meddling === 'copy-edit';
  if (last?.run.state !== 'done' && !allowed && one.meddling !== 'cancel')
    stage.complaints.push(
      `the run after it ended as ${last?.run.state ?? 'an error'}: ${JSON.stringify(last?.run.problem)}`,
    );
  for (const { id, state } of stage.world.engine.transfers())
    if (state !== 'done' && state !== 'cancelled') await stage.command('cancel', id);
  await untilClean(stage);
}

function version(stage: Stage, facts: Facts, name: string): void {
  const digest = stage.ledger.write(
    join(stage.source, name),
    `another ${name}`,
    stage.ledger.bytes(9_999),
    DATE + YEAR,
  );
  facts.versions.get(name)?.push(digest);
}

const isOver = (stage: Stage): boolean => ['done', 'failed', 'cancelled'].includes(stage.transfer?.state ?? 'done');

/** Waits until the transfer has ended or needs a person; answers questions. */
async function untilEnded(stage: Stage, { meddling }: Case): Promise<boolean> {
  const end = performance.now() + PATIENCE_MS;
  // a source that a person took away does not come back; a disk does, and is found on a busy machine as well
  const mayBeGone = meddling !== 'disk-returns';
  while (performance.now() < end) {
    answerAll(stage);
    const view = stage.transfer;
    if (isOver(stage)) return true;
    if (mayBeGone && view?.state === 'waiting' && view.waitingFor?.kind === 'source' && stage.isSpent) {
      await pause(50);
      if (stage.transfer?.waitingFor?.kind === 'source') return true;
    }
    await pause(LOOK_MS);
  }
  return false;
}

function answerAll(stage: Stage): void {
  for (const question of stage.transfer?.questions ?? [])
    stage.pending.push(answer(stage.world.engine, question, 'keep-both').catch(() => undefined));
}

/**
 * Waits until no leftover remains on either side, or until it is clear that one stays. A leftover that was out of reach
 * is removed at the next connection.
 */
async function untilClean(stage: Stage): Promise<void> {
  await untilNothingIsLeft(stage);
  if (!stage.isSpent || stage.ours().length === 0) return;
  await stage.replug();
  await untilNothingIsLeft(stage);
}

async function untilNothingIsLeft(stage: Stage): Promise<void> {
  const end = performance.now() + PATIENCE_MS / 3;
  while (performance.now() < end) {
    if (stage.ours().length === 0) return;
    await pause(LOOK_MS * 4);
  }
}
