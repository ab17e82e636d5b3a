import { describe, expect, it } from 'vitest';
import { setLang, t, tOr, type Key } from '../src/i18n';
import { en } from '../src/i18n/en';
import * as f from '../src/i18n/format';
import { zh } from '../src/i18n/zh-CN';

const thin = f.THIN;

describe('numbers', () => {
  it.each([[2316, `2${thin}316`], [1904233, `1${thin}904${thin}233`], [0.15, '0.15'], [-8, '−8'], [0, '0'], [999, '999'], [-1234.5, `−1${thin}234.5`]])('%d', (n, want) =>
    expect(f.num(n)).toBe(want),
  );
  it('says when there is none', () => {
    expect(f.num(null)).toBe('—');
    expect(f.num(NaN)).toBe('—');
  });
  it('signs, shares, changes', () => {
    expect([f.signed(12), f.signed(-3), f.signed(0), f.signed(-0.01, 0)]).toEqual(['+12', '−3', '0', '0']);
    expect([f.percent(0.083, true), f.percent(-0.5, true), f.percent(0.68)]).toEqual(['+8%', '−50%', '68%']);
    // Percentages of a handful mislead: below 30 the difference is given.
    expect([f.change(37, 25), f.change(108, 100), f.change(5, null)]).toEqual(['+12', '+8%', null]);
  });
});

describe('dates', () => {
  it('are civil time in Shanghai', () => {
    expect(f.formatTime('2026-11-22T21:40:00+08:00', 'zh')).toBe('11月22日 21:40');
    expect(f.formatTime('2026-11-22T15:40:00Z', 'zh')).toBe('11月22日 23:40');
    expect(f.formatTime('2026-11-22T16:10:00Z', 'en')).toBe('23 Nov 00:10');
    expect(f.formatTime(Date.parse('2026-11-22T15:40:00Z') / 1000, 'zh')).toBe('11月22日 23:40');
    expect(f.formatTime('2026-11-22T21:40', 'zh')).toBe('11月22日 21:40');
    expect(f.formatShort('2026-11-02T01:05:00Z')).toBe('11-02 09:05');
  });
  it('without a time show only the day', () => {
    expect(f.formatTime('2026-11-22', 'zh')).toBe('11月22日');
    expect(f.formatTime('2026-11-21T16:00:00Z', 'zh', true)).toBe('11月22日');
    expect(f.formatTime('rubbish', 'zh')).toBe('—');
    expect(f.civil('2026-11-22')?.weekday).toBe(7);
  });
  it('make ranges', () => {
    expect(f.formatRange('2026-10-24', '2026-11-22', 'zh', 2026)).toBe('10月24日 – 11月22日');
    expect(f.formatRange('2025-12-24', '2026-01-22', 'zh', 2026)).toBe('2025年12月24日 – 2026年1月22日');
    expect(f.formatRange('2025-10-24', '2025-11-22', 'zh', 2026)).toBe('2025年10月24日 – 11月22日');
    expect(f.formatRange('2026-11-22', '2026-11-22', 'en', 2026)).toBe('22 Nov');
    expect(f.yearBefore('2028-02-29')).toBe('2027-02-28');
    expect(f.addDays('2026-02-28', 1)).toBe('2026-03-01');
    expect(f.daysBetween('2026-10-24', '2026-11-22')).toBe(29);
    expect(f.formatHours(20, 3)).toBe('20–23');
    expect(f.formatHours(23, 3)).toBe('23–2');
  });
});

it('lengths and areas choose their unit', () => {
  expect([f.formatLength(168), f.formatLength(1460), f.formatLength(999.6), f.formatLength(12_345)]).toEqual([`168${thin}m`, `1.46${thin}km`, `1.00${thin}km`, `12.3${thin}km`]);
  expect([f.formatArea(860), f.formatArea(150_000)]).toEqual([`860${thin}m²`, `0.15${thin}km²`]);
});

describe('dictionaries', () => {
  const names = (text: string): string[] => [...text.matchAll(/\{(\w+)/g)].map((m) => m[1] as string).sort();

  it('hold the same keys and the same variables', () => {
    expect(Object.keys(en).sort()).toEqual(Object.keys(zh).sort());
    for (const key of Object.keys(zh) as Key[]) {
      expect(new Set(names(en[key])), key).toEqual(new Set(names(zh[key])));
    }
  });
  it('never mix languages', () => {
    const own = new Set(['lang.other', 'lang.switch']);
    for (const [key, text] of Object.entries(en)) if (!own.has(key)) expect(/\p{Script=Han}/u.test(text), key).toBe(false);
  });
  it('fill variables and choose plurals', async () => {
    await setLang('en');
    expect(t('filter.result', { n: 1 })).toBe('1 incident match');
    expect(t('filter.result', { n: 2316 })).toBe(`2${thin}316 incidents match`);
    await setLang('zh');
    expect(t('filter.result', { n: 2316 })).toBe(`已筛选 2${thin}316 件`);
    expect(tOr('kind.police', 'x')).toBe('警情');
    expect(tOr('kind.unknown', 'x')).toBe('x');
  });
});
