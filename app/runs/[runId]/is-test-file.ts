/** Whether a path looks like that of a test, in the ways of the languages there are goals for. Only for the eye: what is protected, the server decides. */
export function isTestFile(path: string): boolean {
  return FOLDER.test(path) || NAME.test(path)
}

const FOLDER = /(^|\/)(tests?|__tests__|__snapshots__|specs?|e2e|testdata|fixtures|cypress)\//i
const NAME =
  /(^|\/)(test_[^/]*\.py|conftest\.py|[^/]*[._-](test|tests|spec|cy)\.[^/]+|[^/]*_test\.(go|py|rb|exs?|dart|c|cc|cpp)|[^/]*(Test|Tests|Spec|IT)\.(java|kt|cs|php|scala|swift|groovy))$/
