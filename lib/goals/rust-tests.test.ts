import { expect, test } from 'vitest'
import { rustTestsPutBack, testItems } from './rust-tests.ts'

const BASE = `pub fn add(a: i32, b: i32) -> i32 { a - b }

#[cfg(test)]
mod tests {
    // a } in a comment, and /* { */ one more
    #[test]
    fn adds() {
        let _c = '{'; let _r = r#"}"}"#; let _s = "\\"}";
        fn life<'a>(x: &'a str) -> &'a str { x }
        assert_eq!(super::add(2, 3), 5);
    }
}
`

test('test modules and functions are found, whatever braces are in their strings and comments', () => {
  expect(testItems(BASE).map(({ name, end }) => [name, end])).toEqual([['mod tests', BASE.length - 1]])
  const text =
    '#[tokio::test]\nasync fn later() {}\n#[derive(Debug)]\nstruct A;\n#[cfg(not(test))]\nmod real {}\n'
  expect(testItems(text).map(({ name }) => name)).toEqual(['fn later'])
})

test('the work stays as it is, its tests become those of the start', () => {
  const current = BASE.replace('a - b', 'a + b').replace('#[test]', '#[test]\n    #[ignore]')
  expect(rustTestsPutBack('src/lib.rs', BASE, current)).toBe(BASE.replace('a - b', 'a + b'))
})

test('tests that are gone, or are no tests any more, are put back at the end; new ones stay', () => {
  const work = 'pub fn add(a: i32, b: i32) -> i32 { a + b }\n'
  const mine = '#[cfg(test)]\nmod more {}\n'
  const tests = BASE.slice(BASE.indexOf('#[cfg'))
  expect(rustTestsPutBack('src/lib.rs', BASE, work + mine)).toBe(`${work}${mine}\n${tests}`)
  const hidden = BASE.replace('#[cfg(test)]', '#[cfg(any())]')
  const back = rustTestsPutBack('src/lib.rs', BASE, hidden) ?? ''
  expect(back.match(/mod tests/g)).toHaveLength(1)
  expect(back).not.toContain('any()')
})

test('other files, and files without tests, are left alone', () => {
  expect(rustTestsPutBack('src/lib.py', BASE, '')).toBeNull()
  expect(rustTestsPutBack('src/lib.rs', 'fn main() {}', BASE)).toBeNull()
})
