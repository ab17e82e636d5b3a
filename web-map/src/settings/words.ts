/** Words of the settings, in the language of the screen. */
import { fill, lang, type Vars } from '../i18n';
import { settingsEn } from '../i18n/settings.en';
import { settingsZh } from '../i18n/settings.zh';

export type Word = keyof typeof settingsZh;

export function w(key: Word, vars: Vars = {}): string {
  return fill((lang.value === 'en' ? settingsEn : settingsZh)[key] ?? key, vars);
}

export function wOr(key: string, fallback: string, vars: Vars = {}): string {
  return Object.hasOwn(settingsZh, key) ? w(key as Word, vars) : fallback;
}
