import type { DeviceKey } from '../../shared/domain.ts';
import { count } from '../../shared/format.ts';
import type { IdentityCandidate, IdentityQuestion } from '../../shared/snapshots.ts';
import type { Replug } from '../compose.ts';
import type { CommandContext } from './command-context.ts';
import { dateText, printable } from './text.ts';

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
  if (thisPhone && others.length === 0) {
    output.say(`Taking “${printable(name)}” for the phone that ${waitingFor(first)} for.`);
    return as(first);
  }
  if (!output.terminal.isInteractive) {
    output.say(
      thisPhone
        ? `“${printable(name)}” may be any of ${count(candidates.length, 'phone')}: answer at a terminal or in the window.`
        : `“${printable(name)}” has no serial number of its own. If it is the phone that ${waitingFor(first)} for, add --this-phone.`,
    );
    return;
  }
  for (const candidate of candidates) {
    const answer = await output.ask(
      `“${printable(name)}” has no serial number of its own. Is it the phone “${printable(candidate.name)}” (${described(candidate)}) that ${waitingFor(candidate)} for? [y/N] `,
    );
    if (answer === undefined) return;
    if (/^\s*y(es)?\s*$/iu.test(answer)) return as(candidate);
  }
  return as(undefined);
}

const described = ({ maker, storages, lastSeen }: IdentityCandidate): string =>
  [maker, ...storages, `seen ${dateText(lastSeen)}`]
    .filter((part) => part !== '')
    .map(printable)
    .join(', ');

/** `“film.bin” and 2 more wait`. */
function waitingFor({ transfers, pairs }: IdentityCandidate): string {
  const [first, ...others] = [...transfers, ...pairs];
  const more = others.length === 0 ? '' : ` and ${others.length} more`;
  return `“${printable(first ?? '')}”${more} wait${more === '' ? 's' : ''}`;
}
