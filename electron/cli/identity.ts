import { commas } from '../../shared/words/locale.ts';
import type { DeviceKey } from '../../shared/domain.ts';
import type { IdentityCandidate, IdentityQuestion, StorageQuestion } from '../../shared/snapshots.ts';
import { spaceOf } from '../../shared/storages.ts';
import type { Replug } from '../compose.ts';
import type { CommandContext } from './command-context.ts';
import { dateText, printable } from './text.ts';
import { askYesNo } from './questions.ts';
import { commonWords } from '../../shared/words/made/common.ts';
import { terminalWords } from '../../shared/words/made/terminal.ts';

/**
 * Asks which phone `device` is, where nothing identifies it and something waits for such a phone; `key`: only whether it
 * is that one.
 */
export async function identify(
  context: CommandContext,
  replug: Replug,
  device: DeviceKey,
  { thisPhone, key }: { readonly thisPhone: boolean; readonly key?: DeviceKey | undefined },
): Promise<void> {
  for (const question of replug.engine.identityQuestions) {
    if (question.device !== device) continue;
    const candidates = question.candidates.filter((candidate) => key === undefined || candidate.key === key);
    await answerIdentity(context, replug, { ...question, candidates }, thisPhone);
  }
}

/**
 * "Is this the phone …?" at the terminal. A person is asked; a script says so with `--this-phone`, which holds only
 * where there is one phone it can mean.
 */
export async function answerIdentity(
  { output }: CommandContext,
  { engine }: Replug,
  question: IdentityQuestion,
  thisPhone: boolean,
): Promise<void> {
  const { device, name, candidates } = question;
  const as = (candidate: IdentityCandidate | undefined): Promise<void> =>
    engine.execute('identifyDevice', { device, as: candidate?.key });
  const [first, ...others] = candidates;
  if (first === undefined) return;
  const words = terminalWords.identity;
  if (thisPhone && others.length === 0) {
    output.say(words.taken({ name: printable(name), waiting: waitingFor(first) }));
    return as(first);
  }
  if (!output.terminal.isInteractive) {
    output.say(
      thisPhone
        ? words.several({ name: printable(name), count: candidates.length })
        : words.say({ name: printable(name), waiting: waitingFor(first) }),
    );
    return;
  }
  for (const candidate of candidates) {
    const isIt = await askYesNo(
      output,
      terminalWords.ask.identity({
        name: printable(name),
        other: printable(candidate.name),
        facts: described(candidate),
        waiting: waitingFor(candidate),
      }),
    );
    if (isIt === undefined) return;
    if (isIt) return as(candidate);
  }
  return as(undefined);
}

/**
 * Asks which of a phone's storages that nothing tells apart are those that something waits for; `device`: only of that
 * phone. A script is told that a person has to answer.
 */
export async function identifyStorages(context: CommandContext, replug: Replug, device?: DeviceKey): Promise<void> {
  for (const { device: asked, storage } of replug.engine.storageQuestions) {
    // an answer may have closed another question, or taken a candidate from it
    const question = replug.engine.storageQuestions.find((one) => one.device === asked && one.storage === storage);
    if (question !== undefined && (device === undefined || asked === device))
      await answerStorage(context, replug, question);
  }
}

async function answerStorage({ output }: CommandContext, { engine }: Replug, question: StorageQuestion): Promise<void> {
  const { device, storage, candidates } = question;
  const [name, other] = [printable(question.name), printable(question.storageName)];
  const waiting = waitingFor(question);
  if (!output.terminal.isInteractive) {
    output.say(terminalWords.identity.storage({ name, storage: other, waiting }));
    return;
  }
  for (const candidate of candidates) {
    const space = spaceOf(candidate);
    const words = { name, storage: printable(candidate.name), space, other, waiting };
    const isIt = await askYesNo(output, terminalWords.ask.storage(words));
    if (isIt === undefined) return;
    if (isIt) return engine.execute('identifyStorage', { device, storage, as: candidate.key });
  }
  return engine.execute('identifyStorage', { device, storage, as: undefined });
}

const described = ({ maker, storages, lastSeen }: IdentityCandidate): string =>
  commas(
    [maker, ...storages, terminalWords.ask.seen({ date: dateText(lastSeen) })]
      .filter((part) => part !== '')
      .map(printable),
  );

/** `“film.bin” and 2 more`. */
function waitingFor({ transfers, pairs }: Pick<IdentityCandidate, 'transfers' | 'pairs'>): string {
  const [first, ...others] = [...transfers, ...pairs];
  const name = commonWords.quoted({ name: printable(first ?? '') });
  return others.length === 0 ? name : commonWords.count.more({ names: name, count: others.length });
}
