import { describe, expect, it } from 'vitest';
import { columnQuery, formatValues, parseValues, rangeOf, rangeValue, withColumn } from '../src/state/columns';
import { filterQuery, type Filter } from '../src/state/filter';
import { DEFAULTS, formatFragment, parseFragment } from '../src/state/url';

const none: Filter = { period: null, kinds: ['police', 'dispute', 'hotline'], categories: [], grids: [], hours: '', weekdays: '', found: '', placed: '', columns: {}, todaysGrids: false };

describe('filters on kept columns', () => {
  it('write one parameter each, names and values escaped, in one order', () => {
    expect(columnQuery({ 办理部门: ['城管', '公安 & 交警'], 'a=b': ['x,y'] })).toEqual(['x.a%3Db=x%2Cy', `x.${encodeURIComponent('办理部门')}=${encodeURIComponent('公安 & 交警')},${encodeURIComponent('城管')}`]);
    expect(columnQuery({ n: [] })).toEqual([]);
    expect(columnQuery({ a: ['1'], b: ['2'] }, 'a')).toEqual(['x.b=2']);
  });

  it('are part of the one query, and can be left out for their own counts', () => {
    const filter: Filter = { ...none, found: 'patrol', placed: 'false', columns: { 回访: ['2026-01-01..'], 等级: ['3', '1'] } };
    expect(filterQuery(filter)).toBe(`found=patrol&placed=false&x.${encodeURIComponent('回访')}=2026-01-01..&x.${encodeURIComponent('等级')}=1,3`);
    expect(filterQuery(filter, ['found', 'placed'], '回访')).toBe(`x.${encodeURIComponent('等级')}=1,3`);
    expect(filterQuery({ ...filter, todaysGrids: true })).toMatch(/grids=today$/);
  });

  it('come back from a list as they went', () => {
    for (const values of [['a'], ['a,b', 'c'], ['100%', 'x&y=z', '#'], ['警情 1'], ['2026-01-01..2026-02-01'], ['..5']]) {
      expect(parseValues(formatValues(values))).toEqual([...values].sort());
    }
    expect(parseValues('..,,a,a')).toEqual(['a']);
    expect(parseValues('%E0%A4')).toEqual(['%E0%A4']);
  });

  it('read and write the ends of a range', () => {
    expect(rangeOf(['5..10'])).toEqual({ from: '5', to: '10' });
    expect(rangeOf(['..10'])).toEqual({ from: '', to: '10' });
    expect(rangeOf(['7'])).toEqual({ from: '7', to: '7' });
    expect(rangeOf([])).toEqual({ from: '', to: '' });
    expect(rangeValue({ from: '', to: '3' })).toBe('..3');
    expect(rangeValue({ from: '', to: '' })).toBeNull();
  });

  it('go when their last value goes', () => {
    expect(withColumn({ a: ['1'], b: ['2'] }, 'a', [])).toEqual({ b: ['2'] });
    expect(withColumn({}, 'a', ['2', '1'])).toEqual({ a: ['1', '2'] });
  });

  it('live in links, beside the keys of others', () => {
    const state = { ...DEFAULTS, columns: { 办理部门: ['城管', 'a,b & c'], n: ['3..'] } };
    const text = formatFragment(state, [['x-other', '1']]);
    const back = parseFragment(text);
    expect(back.state).toEqual({ ...state, columns: { 办理部门: ['a,b & c', '城管'], n: ['3..'] } });
    expect(back.rest).toEqual([['x-other', '1']]);
    expect(parseFragment('#x.=1&x.a=').state.columns).toEqual({});
  });
});
