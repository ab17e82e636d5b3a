/** Words about backgrounds, in the language of the screen. */
import { fill, lang, type Vars } from '../i18n';
import { backgroundEn } from '../i18n/background.en';
import { backgroundZh } from '../i18n/background.zh';

export function w(key: keyof typeof backgroundZh, vars: Vars = {}): string {
  return fill((lang.value === 'en' ? backgroundEn : backgroundZh)[key] ?? key, vars);
}
