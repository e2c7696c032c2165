// What a Makefile would run for some targets, as far as its text says it.

/** The recipes of the targets and of what they need; without targets those of the first. Simple variables are put in. */
export function recipesOf(makefile: string, targets: string[]): string[] {
  const rules = new Map<string, { needs: string[]; recipe: string[] }>()
  const variables = new Map<string, string>()
  let current: { needs: string[]; recipe: string[] }[] = []
  let first: string | null = null
  for (const line of makefile.replace(/\\\r?\n/g, ' ').split(/\r?\n/)) {
    const set = /^(?:export\s+|override\s+)?([A-Za-z_][\w.-]*)\s*(?:[:?+]{0,2})=\s*(.*)$/.exec(line)
    if (line.startsWith('\t')) {
      for (const rule of current) rule.recipe.push(line.trim().replace(/^[@+-]+/, ''))
      continue
    }
    if (set) {
      variables.set(set[1]!, set[2]!)
      continue
    }
    const rule = /^([^\s#:=][^:=]*):(?!=):?([^=;]*)(?:;(.*))?$/.exec(line)
    if (!rule) continue
    current = rule[1]!
      .trim()
      .split(/\s+/)
      .map(name => {
        const known = rules.get(name) ?? { needs: [], recipe: [] }
        known.needs.push(...rule[2]!.trim().split(/\s+/).filter(Boolean))
        if (rule[3]) known.recipe.push(rule[3].trim())
        rules.set(name, known)
        if (first === null && !name.startsWith('.')) first = name
        return known
      })
  }
  const recipes: string[] = []
  const seen = new Set<string>()
  const wanted = targets.length > 0 ? [...targets] : first === null ? [] : [first]
  for (let name = wanted.shift(); name !== undefined; name = wanted.shift()) {
    if (seen.has(name)) continue
    seen.add(name)
    const rule = rules.get(name)
    if (!rule) continue
    wanted.push(...rule.needs)
    recipes.push(expand(rule.recipe.join('\n'), variables))
  }
  return recipes
}

function expand(text: string, variables: ReadonlyMap<string, string>): string {
  let expanded = text
  for (let depth = 0; depth < 3; depth++)
    expanded = expanded
      .replace(/\$[({]([\w.-]+)[)}]/g, (whole, name: string) =>
        name === 'MAKE' ? 'make' : (variables.get(name) ?? whole),
      )
      .slice(0, 100_000)
  return expanded.replaceAll('$$', '$')
}
