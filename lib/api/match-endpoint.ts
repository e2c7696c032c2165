// Which endpoint a request is for. The table is the contract's own list, so that what is not declared is not answered.
import type { Endpoint } from '#lib/contract/endpoint'
import { endpoints } from '#lib/contract/endpoints'
import { AppError } from '#lib/errors'

const TABLE = endpoints.map(endpoint => ({ endpoint, pattern: patternOf(endpoint.path) }))

function patternOf(path: string): RegExp {
  const parts = path.split('/').map(part => (part.startsWith('{') ? '[^/]+' : part.replaceAll('.', '\\.')))
  return new RegExp(`^${parts.join('/')}$`)
}

/** Throws AppError `not_found` for an unknown path, `method_not_allowed` for a wrong method, `bad_request` for no path. */
export function matchEndpoint(method: string, path: string): Endpoint {
  if (!isDecodable(path)) throw new AppError('bad_request', 'The address has a % that begins no character')
  const matches = TABLE.filter(({ pattern }) => pattern.test(path)).map(({ endpoint }) => endpoint)
  if (matches.length === 0) {
    throw new AppError(
      'not_found',
      `There is no ${path.slice(0, 200)}; /api/openapi.json lists what there is`,
    )
  }
  const found = matches.find(endpoint => endpoint.method === (method === 'HEAD' ? 'GET' : method))
  if (found) return found
  const allow = matches.map(endpoint => endpoint.method).join(', ')
  throw new AppError('method_not_allowed', `${method} is not offered here; ${allow} is`, {
    headers: { allow },
  })
}

// Next answers such a path with an empty 500.
function isDecodable(path: string): boolean {
  try {
    decodeURIComponent(path)
    return true
  } catch {
    return false
  }
}
