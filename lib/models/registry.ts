// Finds models by name. A plain name is Anthropic's, `provider/name` one of a compatible endpoint, `scripted/name` a
// replayed conversation.
import type { ModelInfo, ProviderCheck } from '#lib/contract/models'
import { AppError } from '#lib/errors'
import { createAnthropicModel } from './anthropic.ts'
import { checkProvider } from './check-provider.ts'
import type { Model, Models, ProviderChecks } from './model.ts'
import { CLAUDE_MODELS, type ExtraModels, factsOf } from './pricing.ts'
import { ANTHROPIC_BASE_URL, DEFAULT_PROVIDERS, type Provider } from './providers.ts'
import type { Timing } from './retry.ts'
import { createScriptedModel } from './scripted.ts'
import { createScripts } from './scripts.ts'

export interface ModelsOptions {
  /** Base URL null: Anthropic's own. */
  anthropic: { apiKey: string | null; baseUrl: string | null }
  /** Added to the default providers, or in place of them where the prefix is the same. */
  providers?: Record<string, Provider> | undefined
  /** Values of the variables that providers name as `keyVariable`. */
  keys?: Record<string, string | undefined> | undefined
  /** Prices, windows and titles beyond the built-in table. */
  extraModels?: ExtraModels | undefined
  timing?: Partial<Timing> | undefined
  /** Scripts of one's own, beside the ones that come with the product. */
  scriptsDir?: string | undefined
  /** Factor on the delays of scripts. */
  scriptPace?: number | undefined
}

const SCRIPTED = 'scripted'

export function createModels(options: ModelsOptions): Models & ProviderChecks {
  const { anthropic, keys = {}, extraModels, timing, scriptPace } = options
  const providers = { ...DEFAULT_PROVIDERS, ...options.providers }
  const scripts = createScripts({ scriptsDir: options.scriptsDir })
  const baseUrl = anthropic.baseUrl ?? ANTHROPIC_BASE_URL
  const customBaseUrl = baseUrl.replace(/\/+$/, '') !== ANTHROPIC_BASE_URL

  function get(name: string): Model {
    const { prefix, rest } = split(name)
    if (prefix === SCRIPTED) {
      return createScriptedModel({ name, script: scripts.get(rest), pace: scriptPace })
    }
    if (rest === '') throw unusable('Name a model, e.g. claude-sonnet-4-6')
    const provider = prefix !== null && Object.hasOwn(providers, prefix) ? providers[prefix] : undefined
    if (provider) return ofProvider(name, rest, provider)
    if (prefix === null || prefix === 'anthropic') return ofAnthropic(name, rest)
    // A gateway may have such names of its own.
    if (customBaseUrl) return ofAnthropic(name, name)
    const known = [...Object.keys(providers), 'anthropic', SCRIPTED].map(known => `${known}/`).join(', ')
    throw unusable(`There is no model provider “${prefix}”; the known prefixes are ${known}`)
  }

  function ofAnthropic(name: string, apiModel: string): Model {
    const { price, contextWindow, maxOutputTokens } = factsOf(name, extraModels)
    return createAnthropicModel({
      name,
      apiModel,
      baseUrl,
      apiKey: anthropic.apiKey,
      price,
      contextWindow,
      maxOutputTokens,
      timing,
    })
  }

  function ofProvider(name: string, apiModel: string, provider: Provider): Model {
    const { price, contextWindow, maxOutputTokens } = factsOf(name, extraModels)
    return createAnthropicModel({
      name,
      apiModel,
      baseUrl: provider.baseUrl,
      apiKey: keyOf(provider),
      price,
      contextWindow,
      maxOutputTokens,
      missingKey: missingKey(provider) ?? undefined,
      timing: { ...provider.timing, ...timing },
    })
  }

  function keyOf({ keyVariable }: Provider): string | null {
    return (keyVariable !== null && keys[keyVariable]) || null
  }

  function missingKey(provider: Provider): string | null {
    if (provider.keyVariable === null || provider.keyOptional || keyOf(provider)) return null
    return `${provider.keyVariable} is not set; set it or choose another model`
  }

  function list(): ModelInfo[] {
    const whyNotClaude =
      anthropic.apiKey || customBaseUrl
        ? null
        : 'ANTHROPIC_API_KEY is not set; set it or choose a scripted model'
    const claude = Object.keys(CLAUDE_MODELS).map(name => info(name, 'anthropic', whyNotClaude))
    const own = Object.keys(extraModels ?? {})
      .filter(name => !Object.hasOwn(CLAUDE_MODELS, name))
      .map(name => {
        const { prefix } = split(name)
        const provider = prefix !== null && Object.hasOwn(providers, prefix) ? providers[prefix] : undefined
        return info(name, prefix ?? 'anthropic', provider ? missingKey(provider) : whyNotClaude)
      })
    // Which models a provider has is not known here: the entry says how to name one.
    const others = Object.entries(providers).map(([prefix, provider]) => ({
      ...info(
        `${prefix}/<model>`,
        prefix,
        `${missingKey(provider) ?? `Write ${prefix}/ and the name of a model that is served at ${provider.baseUrl}`}`,
      ),
      title: `Any model of ${provider.title}`,
    }))
    const scripted = scripts.list().map(({ name, title, problem }) => ({
      ...info(`${SCRIPTED}/${name}`, SCRIPTED, problem),
      title,
      scripted: true,
    }))
    return [...claude, ...own, ...others, ...scripted]
  }

  function info(name: string, provider: string, whyNot: string | null): ModelInfo {
    const { title, price, contextWindow } = factsOf(name, extraModels)
    return {
      name,
      provider,
      title,
      available: whyNot === null,
      why_not: whyNot,
      scripted: false,
      context_window: contextWindow,
      price: price && {
        input: price.input,
        output: price.output,
        cache_read: price.cache_read,
        cache_write: price.cache_write,
      },
    }
  }

  async function check(name: string): Promise<ProviderCheck> {
    const unasked = (ok: boolean, detail: string) => ({ provider: name, ok, detail, duration_ms: 0 })
    if (name === SCRIPTED) return unasked(true, 'nobody is asked')
    if (name === 'anthropic') {
      if (!anthropic.apiKey && !customBaseUrl) return unasked(false, 'ANTHROPIC_API_KEY is not set')
      return checkProvider({ provider: name, baseUrl, apiKey: anthropic.apiKey })
    }
    const provider = Object.hasOwn(providers, name) ? providers[name] : undefined
    if (!provider) throw new AppError('not_found', `There is no provider ${name}`)
    const missing = missingKey(provider)
    if (missing) return unasked(false, missing)
    return checkProvider({ provider: name, baseUrl: provider.baseUrl, apiKey: keyOf(provider) })
  }

  return { get, list, check }
}

/** Only the first slash divides: `openrouter/anthropic/claude-opus-5.5` is OpenRouter's `anthropic/claude-opus-5.5`. */
function split(name: string): { prefix: string | null; rest: string } {
  const slash = name.indexOf('/')
  if (slash < 0) return { prefix: null, rest: name }
  return { prefix: name.slice(0, slash), rest: name.slice(slash + 1) }
}

const unusable = (message: string) =>
  new AppError('invalid', message, { fields: [{ pointer: '/model_name', detail: message }] })
