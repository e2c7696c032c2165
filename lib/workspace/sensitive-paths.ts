// Files of a project that other programs obey by themselves: whoever writes one runs something later, outside the sandbox, as the
// person or in their pipeline. A fixed list at the root, so that looking costs next to nothing.

export interface SensitivePath {
  /** Relative to the root. Of a folder everything right in it counts, and of the folders in it one level more. */
  path: string
  isFolder?: boolean
  why: string
}

const GIT = 'git runs and obeys what stands there, for whoever uses the repository next'
const HOOK = 'it is run at each commit or push'
const EDITOR = 'an editor runs or obeys it when the project is opened'
const PIPELINE = 'it is run by the pipeline, with its keys'
const SHELL = 'a shell or tool manager runs it when somebody enters the folder'
const PACKAGES = 'a package manager obeys it: where packages come from, and what is run at an install'
const AGENT = 'another coding agent takes its orders or permissions from it'
const PYTHON = 'Python loads it by itself whenever it starts in the folder'
const BUILD = 'a build tool obeys it by itself: what is loaded, and what is run'
const SETTINGS = 'it says what retrAI runs, for the next run that is left to the project'
const COMPOSE = 'Docker Compose adds it by itself to what is started'

const files = (why: string, paths: string): SensitivePath[] => paths.split(' ').map(path => ({ path, why }))
const folders = (why: string, paths: string): SensitivePath[] =>
  paths.split(' ').map(path => ({ path, why, isFolder: true }))

export const SENSITIVE_PATHS: readonly SensitivePath[] = [
  ...files(GIT, '.git .git/config .git/config.worktree .git/info/attributes .gitmodules'),
  ...folders(GIT, '.git/hooks .githooks'),
  ...files(SETTINGS, '.retrai.yml .retrai.yaml'),
  ...files(SHELL, '.envrc .mise.toml mise.toml .mise.local.toml .tool-versions .mise/config.toml'),
  ...files(SHELL, '.config/mise.toml .config/mise/config.toml'),
  ...files(EDITOR, '.devcontainer.json .exrc .nvimrc .nvim.lua .vimrc .lvimrc .dir-locals.el .projectile'),
  ...folders(EDITOR, '.vscode .idea .devcontainer .zed .fleet .nova'),
  ...files(
    HOOK,
    '.pre-commit-config.yaml .pre-commit-config.yml lefthook.yml lefthook.yaml .lefthook.yml lefthook-local.yml .overcommit.yml',
  ),
  ...files(HOOK, '.huskyrc .huskyrc.json .huskyrc.js'),
  ...folders(HOOK, '.husky .lefthook'),
  ...files(
    PIPELINE,
    '.gitlab-ci.yml Jenkinsfile azure-pipelines.yml bitbucket-pipelines.yml .travis.yml .drone.yml',
  ),
  ...files(PIPELINE, 'appveyor.yml .appveyor.yml .cirrus.yml .woodpecker.yml'),
  ...folders(
    PIPELINE,
    '.github/workflows .github/actions .gitea/workflows .forgejo/workflows .circleci .buildkite .woodpecker',
  ),
  ...files(
    PACKAGES,
    '.npmrc .yarnrc .yarnrc.yml .pnpmfile.cjs pnpmfile.js bunfig.toml pip.conf .pypirc .gemrc .netrc .condarc .bundle/config',
  ),
  ...folders(PACKAGES, '.yarn/plugins .yarn/releases'),
  ...files(
    BUILD,
    '.cargo/config.toml .cargo/config .mvn/extensions.xml .mvn/jvm.config .mvn/maven.config init.gradle',
  ),
  ...files(
    BUILD,
    'gradle/wrapper/gradle-wrapper.properties .bazelrc Directory.Build.props Directory.Build.targets',
  ),
  ...files(PYTHON, 'sitecustomize.py usercustomize.py'),
  ...files(AGENT, '.mcp.json .cursorrules .windsurfrules .aider.conf.yml opencode.json .clinerules'),
  ...folders(AGENT, '.claude .cursor .codex .gemini .continue .roo .opencode'),
  ...files(
    COMPOSE,
    'docker-compose.override.yml docker-compose.override.yaml compose.override.yml compose.override.yaml',
  ),
]
