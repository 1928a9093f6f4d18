import { create } from 'zustand';
import {
  directionOf,
  firstSpoken,
  LANGUAGE_CHOICES,
  type LanguageChoice,
  type Spoken,
} from '../../shared/words/languages.ts';
import { spokenLanguage } from '../../shared/words/locale.ts';
import { loadCommonWords } from '../../shared/words/made/common.ts';
import { loadErrorsWords } from '../../shared/words/made/errors.ts';
import { loadWindowWords } from '../../shared/words/made/window.ts';
import { speak } from '../../shared/words/speak.ts';
import { useHost } from './host.ts';

/** The language the window is shown in; what is drawn once and kept (`memo`) subscribes to it. */
export const useLanguage = create<{ readonly language: Spoken }>()(() => ({ language: 'en' }));

/** Where the choice is remembered, so that the first picture is in its language before the host has answered. */
const REMEMBERED = 'replug-language';

/** Loads and shows the language; the whole document follows at once. */
async function show(choice: LanguageChoice): Promise<void> {
  await speak(choice === 'system' ? firstSpoken(navigator.languages) : choice, navigator.languages, [
    loadErrorsWords,
    loadCommonWords,
    loadWindowWords,
  ]);
  const language = spokenLanguage();
  document.documentElement.lang = language;
  document.documentElement.dir = directionOf(language);
  useLanguage.setState({ language });
}

/** Shows the language of the settings, or the browser's until they are known, and follows every change. */
export async function startLanguage(): Promise<void> {
  let shown = remembered();
  useHost.subscribe(({ settings }) => {
    if (settings === undefined || settings.language === shown) return;
    shown = settings.language;
    remember(shown);
    void show(shown);
  });
  await show(shown);
}

function remembered(): LanguageChoice {
  try {
    const kept = localStorage.getItem(REMEMBERED);
    return LANGUAGE_CHOICES.find((one) => one === kept) ?? 'system';
  } catch {
    // storage may be switched off
    return 'system';
  }
}

function remember(choice: LanguageChoice): void {
  try {
    localStorage.setItem(REMEMBERED, choice);
  } catch {
    // then the next start shows the system's language for a moment
  }
}
