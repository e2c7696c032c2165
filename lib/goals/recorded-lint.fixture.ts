// What linters wrote that cannot be had as an npm or Debian package: in their documented formats, shortened. `/p` is the project.

/** ruff 0.12, `ruff check --output-format json`. */
export const RUFF_JSON = JSON.stringify([
  {
    cell: null,
    code: 'F401',
    end_location: { column: 10, row: 1 },
    filename: '/p/app/main.py',
    fix: {
      applicability: 'safe',
      edits: [{ content: '', end_location: { column: 1, row: 2 }, location: { column: 1, row: 1 } }],
      message: 'Remove unused import: `os`',
    },
    location: { column: 8, row: 1 },
    message: '`os` imported but unused',
    noqa_row: 1,
    url: 'https://docs.astral.sh/ruff/rules/unused-import',
  },
  {
    cell: null,
    code: null,
    end_location: { column: 1, row: 4 },
    filename: '/p/app/broken.py',
    fix: null,
    location: { column: 9, row: 3 },
    message: 'SyntaxError: Expected `)`, found newline',
    noqa_row: null,
    url: null,
  },
])

/** cargo 1.80, `cargo clippy --message-format=json`. */
export const CLIPPY_LINES = [
  { reason: 'compiler-artifact', target: { name: 'serde' }, fresh: true },
  {
    reason: 'compiler-message',
    message: {
      level: 'warning',
      message: 'unneeded `return` statement',
      code: { code: 'clippy::needless_return', explanation: null },
      spans: [{ file_name: 'src/lib.rs', line_start: 2, is_primary: true }],
      rendered: 'warning: unneeded `return` statement\n',
    },
  },
  {
    reason: 'compiler-message',
    message: { level: 'warning', message: '1 warning emitted', code: null, spans: [] },
  },
  { reason: 'build-finished', success: true },
]
  .map(line => JSON.stringify(line))
  .join('\n')

/** golangci-lint 2, `golangci-lint run`. */
export const GOLANGCI_TEXT = `cmd/main.go:9:12: Error return value of \`os.Remove\` is not checked (errcheck)
	os.Remove("x")
	         ^
internal/cart/cart.go:4:6: func unused is unused (unused)
func unused() {}
     ^
2 issues:
* errcheck: 1
* unused: 1
`

/** go 1.22, `go vet ./...`. */
export const GO_VET_TEXT = `# example.com/shop/cart
cart/cart.go:6:2: fmt.Printf format %d has arg "x" of wrong type string
# example.com/shop/broken
vet: broken/broken.go:3:1: expected declaration, found nonsense
`

/** rubocop 1.60, `rubocop --format json`. */
export const RUBOCOP_JSON = JSON.stringify({
  metadata: { rubocop_version: '1.60.0' },
  files: [
    {
      path: 'lib/cart.rb',
      offenses: [
        {
          severity: 'convention',
          message: 'Prefer single-quoted strings.',
          cop_name: 'Style/StringLiterals',
          corrected: false,
          correctable: true,
          location: {
            start_line: 3,
            start_column: 8,
            last_line: 3,
            last_column: 12,
            length: 5,
            line: 3,
            column: 8,
          },
        },
      ],
    },
    { path: 'lib/clean.rb', offenses: [] },
  ],
  summary: { offense_count: 1, target_file_count: 2, inspected_file_count: 2 },
})

/** phpstan 2, `phpstan analyse --error-format=json`. */
export const PHPSTAN_JSON = JSON.stringify({
  totals: { errors: 1, file_errors: 1 },
  files: {
    '/p/src/Cart.php': {
      errors: 1,
      messages: [
        {
          message: 'Method Cart::total() should return int but returns string.',
          line: 12,
          ignorable: true,
          identifier: 'return.type',
        },
      ],
    },
  },
  errors: ['Ignored error pattern #x# was not matched in reported errors.'],
})

/** flake8 7. */
export const FLAKE8_TEXT = `./app/main.py:1:1: F401 'os' imported but unused
./app/main.py:7:80: E501 line too long (93 > 79 characters)
`
