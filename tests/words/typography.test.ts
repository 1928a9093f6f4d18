// How each language writes quotation marks, spaces and punctuation. Read from words/, as in catalogues.test.ts.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { messagesOf, readCatalogue, roomsFound } from '../../scripts/words/catalogue.ts';
import { LANGUAGES, type Language } from '../../shared/words/languages.ts';

interface Rule {
  readonly says: string;
  readonly fault: RegExp;
}

const quotesOtherThan = (own: string): Rule => ({
  says: `quotation marks are ${own}`,
  fault: new RegExp(`(?![${own}])[“”„«»‹›「」『』]`, 'u'),
});

const CURLY = quotesOtherThan('“”');
const GUILLEMETS = quotesOtherThan('«»');
const FULL_WIDTH: Rule = {
  says: 'punctuation beside Chinese or Japanese characters is full-width',
  fault:
    /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}ー」”](?:[,;?!)]|\((?!&))|\((?=[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}])/u,
};

const RULES: Record<Language, readonly Rule[]> = {
  en: [CURLY],
  de: [quotesOtherThan('„“'), { says: 'a space stands before … behind a word', fault: /[\p{L}}]…/u }],
  fr: [
    GUILLEMETS,
    { says: 'a no-break space stands before : ; ? ! » and behind «', fault: / [:;?!»]|«[^\u00a0\u202f]/u },
    { says: 'a space stands before : ; ? ! »', fault: /[\p{L}\p{N})}…][;?!»]|[\p{L}\p{N})}»]:(?=\s|$)/u },
  ],
  es: [GUILLEMETS, { says: 'a question opens with ¿', fault: /^[^¿]*\?/u }],
  it: [GUILLEMETS],
  'pt-BR': [CURLY],
  ru: [GUILLEMETS],
  tr: [CURLY],
  hi: [CURLY, { says: 'a sentence ends with ।', fault: /[\p{Script=Devanagari}”)}a-z*]\.(?=\s|$)/u }],
  ar: [
    GUILLEMETS,
    { says: 'commas and question marks are ، ؛ ؟', fault: /[\p{Script=Arabic}»][,;?]/u },
    { says: 'the tanwin stands on the letter before the alif', fault: /اً/u },
  ],
  ja: [quotesOtherThan('「」'), FULL_WIDTH, { says: 'a colon is “: ”', fault: /：/u }],
  'zh-Hans': [CURLY, FULL_WIDTH, { says: 'a colon is ：', fault: /[\p{Script=Han}”）}]:(?!\/)/u }],
};

describe('typography', () => {
  for (const language of LANGUAGES)
    test(language, () => {
      const faults: string[] = [];
      for (const room of roomsFound())
        for (const [key, { text }] of messagesOf(readCatalogue(language, room), `words/${language}/${room}.json`)) {
          // a list for programs, separated by semicolons
          if (room === 'packages' && key === 'keywords') continue;
          for (const { says, fault } of RULES[language])
            if (fault.test(text)) faults.push(`${room}: ${key}: ${says}: ${text}`);
        }
      assert.deepEqual(faults, []);
    });
});
