import { app } from 'electron';
import { firstSpoken, languageOf, type LanguageChoice, type Spoken } from '../../shared/words/languages.ts';
import { loadCommonWords } from '../../shared/words/made/common.ts';
import { loadDesktopWords } from '../../shared/words/made/desktop.ts';
import { loadDoctorWords } from '../../shared/words/made/doctor.ts';
import { loadErrorsWords } from '../../shared/words/made/errors.ts';
import { speak } from '../../shared/words/speak.ts';

/** The language of what the desktop program says itself: menus, tray, notifications, its own dialogs. */
export class DesktopLanguage {
  readonly #named: Spoken | undefined;
  readonly #changed: () => void;
  readonly #log: (line: string) => void;
  #choice: LanguageChoice = 'system';

  /** `named`: what `--language` says, which wins over the settings' `system`. `changed` is called after each change. */
  constructor(named: string | undefined, changed: () => void, log: (line: string) => void) {
    this.#named = named === undefined ? undefined : languageOf(named);
    this.#changed = changed;
    this.#log = log;
  }

  /** Speaks the system's language until the settings are known. */
  async start(): Promise<void> {
    await this.#speak();
  }

  /** What the settings say. */
  choose(choice: LanguageChoice): void {
    if (choice === this.#choice) return;
    this.#choice = choice;
    this.#speak().then(this.#changed, (error: unknown) => this.#log(`the language was not loaded: ${String(error)}`));
  }

  #speak(): Promise<void> {
    const tags = app.getPreferredSystemLanguages();
    const language = this.#choice === 'system' ? (this.#named ?? firstSpoken(tags)) : this.#choice;
    return speak(language, tags, [loadErrorsWords, loadCommonWords, loadDoctorWords, loadDesktopWords]);
  }
}
