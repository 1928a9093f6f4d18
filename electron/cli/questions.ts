import type { ConflictRule, NameRule } from '../../shared/domain.ts';
import { formatBytes } from '../../shared/format.ts';
import type { AnswerChoice, ItemView, Question } from '../../shared/snapshots.ts';
import type { Output } from './output.ts';
import { dateText, printable } from './text.ts';
import { terminalWords } from '../../shared/words/made/terminal.ts';

/** How questions are answered: by a person where `isInteractive`, else by the rules. */
export interface Answering {
  readonly isInteractive: boolean;
  readonly onConflict: ConflictRule;
  readonly onName: NameRule;
}

/** An answer to one item’s question; `applyToAll` makes it the transfer’s. */
export interface GivenAnswer {
  readonly choice: AnswerChoice;
  readonly applyToAll: boolean;
}

/**
 * The answer where nobody can be asked: a transfer begun in a window may hold questions, and a script that continues
 * it must not wait for ever.
 */
export function answerFor({ question }: ItemView, { onConflict, onName }: Answering): GivenAnswer {
  const choice = (): AnswerChoice => {
    if (question?.kind === 'name') return onName === 'legal' ? 'use-legal-name' : 'skip';
    if (question === undefined || question.existingIsFolder) return 'skip';
    const { source, existing } = question;
    switch (onConflict) {
      case 'replace':
      case 'keep-both':
        return onConflict;
      case 'newer':
        return (source.modified ?? 0) > (existing.modified ?? Infinity) ? 'replace' : 'skip';
      case 'larger':
        return source.size > existing.size ? 'replace' : 'skip';
      case 'ask':
      case 'skip':
      case 'skip-identical':
        return 'skip';
    }
  };
  return { choice: choice(), applyToAll: false };
}

/** Asks for yes or no; `undefined` at the end of the input. Whatever is not a yes is a no. */
export async function askYesNo(output: Output, question: string): Promise<boolean | undefined> {
  const answer = await output.ask(`${question} ${terminalWords.ask.yesNo} `);
  if (answer === undefined) return undefined;
  return ['y', 'yes', ...terminalWords.ask.yes.split(' ')].includes(answer.trim().toLowerCase());
}

type Keys = Readonly<Record<string, AnswerChoice>>;
const CONFLICT_KEYS: Keys = { s: 'skip', r: 'replace', k: 'keep-both', c: 'cancel' };
const FOLDER_KEYS: Keys = { s: 'skip', k: 'keep-both', c: 'cancel' };
const NAME_KEYS: Keys = { u: 'use-legal-name', s: 'skip', c: 'cancel' };

/** Asks until an answer is understood; a capital letter means it for all that are like it. */
export async function askPerson(output: Output, item: ItemView): Promise<GivenAnswer> {
  const { question } = item;
  if (question === undefined) return { choice: 'skip', applyToAll: false };
  const { text, keys } = wording(item.name, question);
  for (;;) {
    const line = await output.ask(text);
    // no more input: nothing is overwritten
    if (line === undefined) return { choice: 'skip', applyToAll: true };
    const key = line.trim().slice(0, 1);
    const choice = keys[key.toLowerCase()];
    if (choice !== undefined) return { choice, applyToAll: key !== key.toLowerCase() };
  }
}

function wording(name: string, question: Question): { readonly text: string; readonly keys: Keys } {
  const words = terminalWords.ask;
  switch (question.kind) {
    case 'conflict': {
      const side = (one: { readonly size: number; readonly modified: number | undefined }): string =>
        words.side({ size: formatBytes(one.size), date: dateText(one.modified) });
      const keys = question.existingIsFolder ? FOLDER_KEYS : CONFLICT_KEYS;
      const sides = { name: printable(name), existing: side(question.existing), source: side(question.source) };
      return {
        text: question.existingIsFolder
          ? `${words.folder(sides)}\n  ${words.folderKeys} `
          : `${words.file(sides)}\n  ${words.fileKeys} `,
        keys,
      };
    }
    case 'name':
      return {
        text: `${words.name({ name: printable(question.name) })}\n  ${words.nameKeys({ legal: printable(question.legal) })} `,
        keys: NAME_KEYS,
      };
  }
}
