import { render, TemplateError, templateNames } from '../../src/views/templates.ts';

const message = { title: 'Hello', abouts: [], style: 'default', lines: [{ text: 'one' }], buttons: [] };

const without = (name: keyof typeof message) =>
  Object.fromEntries(Object.entries(message).filter(([key]) => key !== name));

describe('a template', () => {
  test('is filled with its data', () => {
    expect(render('message', message)).toMatchObject({
      type: 'AdaptiveCard',
      version: '1.5',
      body: [{ items: [{ text: 'Hello' }, { text: 'one' }] }],
    });
  });

  test.each(Object.keys(message) as (keyof typeof message)[])('without a value for %s is an error', (name) => {
    expect(() => render('message', without(name))).toThrow(TemplateError);
  });

  test('with a placeholder left over is an error that names the card', () => {
    expect(() => render('message', { ...message, lines: [{ other: 'x' }] })).toThrow(/^cards\/message\.json: .*text/);
  });

  test('that does not exist is an error', () => {
    expect(templateNames).not.toContain('nonsense');
    expect(() => render('nonsense', {})).toThrow('cards/nonsense.json: there is no such template');
  });

  test.each([
    '${title}',
    '${$root.title}',
    '${if(true, "a", "b")}',
    '${',
    '${}',
    '}${{',
    '$${title}',
    '\\${title}',
    '{{DATE(2025-01-01T00:00:00Z)}}',
    'a"b\\c\u2028d',
  ])('takes %p in its data for what it is: text', (text) => {
    const card = render('message', { ...message, title: text, lines: [{ text }] });
    expect(card).toMatchObject({ body: [{ items: [{ text }, { text }] }] });
  });

  test('does not change the data it is given', () => {
    const data = { ...message, title: '${title}' };
    render('message', data);
    expect(data.title).toBe('${title}');
  });
});
