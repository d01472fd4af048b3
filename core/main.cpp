// SPDX-License-Identifier: Apache-2.0
// The command line: which command, with what.  The work is in core/commands.
#include "core/cli/admin/arguments.hpp"
#include "core/cli/commands.hpp"
#include "core/cli/output.hpp"
#include "core/util/suggest.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <exception>
#include <iostream>

namespace gatehouse::core {

namespace {

/// The parsed command line.
struct Arguments {
    std::filesystem::path config;
    PluginFolders where;
    std::string kind, name, user, url;
    std::filesystem::path folder;
    std::optional<std::string> key;
    bool live = false, as_json = false, as_toml = false, dry = false, ready = false;
    ExplainRequest explain;
    PluginCheck plugin_check;
    InitOptions init;
    ConnectOptions connect;
    ImportOptions import;
    KeysOptions keys;
    LimitsOptions limits;
    SpendOptions spend;
    PricesOptions prices;
    UpstreamTable upstream;
};

void add_config(CLI::App& command, std::filesystem::path& config) {
    command.add_option("-c,--config", config, "The configuration, a TOML file")
        ->envname("GATEHOUSE_CONFIG")
        ->type_name("FILE")
        ->required();
}

void add_folders(CLI::App& command, PluginFolders& where) {
    command
        .add_option("-c,--config", where.config, "Search the folders of [plugins] path in this configuration")
        ->type_name("FILE");
    command.add_option("--path", where.folders, "Search this folder; may be repeated")->type_name("DIR");
}

void add_plugin_check(CLI::App& command, PluginCheck& asked) {
    command.add_option("library", asked.library, "The plugin's library")->type_name("FILE.so")->required();
    command
        .add_option("-c,--config", asked.config,
                    "Create the instance in this configuration that uses the plugin")
        ->type_name("FILE");
    command
        .add_option("--answers", asked.answers,
                    "Folder of recorded upstream responses, each in a file NAME.http")
        ->type_name("FOLDER");
    command.add_option("--model", asked.model, "The model that requests name")->type_name("NAME");
    command
        .add_option("--time-limit", asked.time_limit_s, "Processor time that one call of the plugin may take")
        ->type_name("SECONDS")
        ->check(CLI::Range(1, 3600));
    command.add_flag("--json", asked.json, "Print one JSON object");
    command.add_flag("--valgrind", asked.valgrind, "Run everything under valgrind");
    command.add_option("--record", asked.record)->group("");
}

void add_explain_request(CLI::App& command, ExplainRequest& asked) {
    command
        .add_option("--endpoint", asked.endpoint, "For `request`: the path, instead of the first that fits")
        ->type_name("PATH");
    command.add_option("--client", asked.client, "For `request`: the client's name")->type_name("NAME");
    command.add_option("--group", asked.groups, "For `request`: a group of the client; may be repeated")
        ->type_name("NAME")
        ->allow_extra_args(false);
    command.add_flag("--json", asked.as_json, "For `request`: print one JSON object");
}

int run_explain(Arguments& given) {
    if (given.kind != "request") return explain(given.where, given.kind, given.name, given.as_toml);
    if (!given.where.config || given.name.empty())
        return fail(exit_status::usage,
                    "explain request needs a file and a configuration: gatehouse explain "
                    "request FILE -c CONFIG");
    given.explain.config = *given.where.config;
    given.explain.file = given.name;
    return explain_request(given.explain);
}

void add_init(CLI::App& command, InitOptions& asked) {
    command.add_option("backend", asked.backend, "The kind of backend; without it they are listed");
    command.add_option("-o,--output", asked.file, "The new configuration, instead of ./gatehouse.toml")
        ->type_name("FILE");
    command.add_option("--set", asked.answers, "Answer the question NAME; may be repeated")
        ->type_name("NAME=VALUE")
        ->allow_extra_args(false);
    command.add_flag("--replace", asked.replace, "Replace an existing file, and keep it as FILE.old");
}

void add_import(CLI::App& command, ImportOptions& asked) {
    command.add_option("format", asked.format, "The other gateway: litellm")->required();
    command.add_option("file", asked.file, "Its configuration")->type_name("FILE")->required();
    command.add_option("-o,--output", asked.output, "The new configuration, instead of ./gatehouse.toml")
        ->type_name("FILE");
}

void add_connect(CLI::App& command, ConnectOptions& asked) {
    command.add_option("client", asked.client, "The client; an unknown name lists them")->required();
    command.add_option("--url", asked.url, "The gateway, instead of http://127.0.0.1:8050")->type_name("URL");
    command.add_option("--key", asked.key, "A key of the gateway's clients")
        ->envname("GATEHOUSE_KEY")
        ->type_name("KEY");
    command.add_option("--model", asked.model, "The model, instead of the first that the gateway lists")
        ->type_name("NAME");
    command.add_option("--file", asked.file, "The client's file, instead of its usual one")
        ->type_name("FILE");
    auto* dry = command.add_flag("--dry-run", asked.dry, "Only print the file as it would be");
    command.add_flag("--undo", asked.undo, "Restore the file as it was before the first connection")
        ->excludes(dry);
}

/// CLI11 only says that a command is needed, not that this command is unknown.
void expect_command(const CLI::App& app, const std::string& word) {
    if (word.starts_with('-')) return;
    std::vector<std::string> known;
    for (const CLI::App* command : app.get_subcommands({})) known.push_back(command->get_name());
    if (std::ranges::count(known, word)) return;
    throw CLI::ParseError("there is no command \"" + word + "\"" + suggestion(word, known) +
                              " (there are: " + joined(known) + ")",
                          CLI::ExitCodes::ExtrasError);
}

/// The help of the command on the command line; the list of commands if the line names no command.
std::string help_of_chosen(const CLI::App& app) {
    const auto chosen = app.get_subcommands();
    if (!chosen.empty()) return chosen.front()->help();
    return app.help() + "\ngatehouse SUBCOMMAND --help shows the options of a command.";
}

int run(int argc, char** argv) {
    CLI::App app("An AI gateway. Plugins implement client protocols, providers, authentication and signing.",
                 "gatehouse");
    app.require_subcommand(1);
    app.set_help_all_flag("--help-all", "Print the help of every command");
    Arguments given;
    int status = exit_status::ok;

    auto* serving = app.add_subcommand("serve", "Run the gateway until TERM or INT");
    add_config(*serving, given.config);
    serving->callback([&] { status = serve(given.config); });

    auto* starting = app.add_subcommand(
        "init", "Ask a few questions and write a configuration, which is checked before it is put in place");
    add_init(*starting, given.init);
    starting->callback([&] { status = init(given.init); });

    auto* importing = app.add_subcommand(
        "import",
        "Write a configuration from that of another gateway, and list the settings that Gatehouse does not have");
    add_import(*importing, given.import);
    importing->callback([&] { status = import_configuration(given.import); });

    auto* connecting = app.add_subcommand(
        "connect", "Send the gateway one chat request, then add it to the configuration of a client program");
    add_connect(*connecting, given.connect);
    connecting->callback([&] { status = connect(given.connect); });

    auto* reloading = app.add_subcommand(
        "reload",
        "Check a changed configuration, print the differences, and make the running gateway apply it");
    add_config(*reloading, given.config);
    reloading->add_flag("--dry-run", given.dry, "Only check and show");
    reloading->callback([&] { status = reload(given.config, given.dry); });

    auto* upgrading = app.add_subcommand(
        "upgrade",
        "Replace the running gateway by the installed program, without a refused connection or a cut response");
    add_config(*upgrading, given.config);
    upgrading->callback([&] { status = upgrade(given.config); });

    auto* checking = app.add_subcommand(
        "check", "Check whether the gateway can start with a configuration, and show every mistake in it");
    add_config(*checking, given.config);
    auto* live = checking->add_flag(
        "--live", given.live,
        "Also ask every store and provider, and every model one short, billed question, and explain what "
        "fails");
    checking
        ->add_flag("--json", given.as_json,
                   "Print the mistakes and warnings as one JSON object, for editors and pipelines")
        ->excludes(live);
    checking
        ->add_option("--user", given.user,
                     "Check with the rights of this user, such as that of the service; needs root")
        ->type_name("NAME");
    checking->callback([&] {
        status = given.as_json ? check_as_json(given.config, given.user)
                               : check_configuration(given.config, given.live, given.user);
    });

    auto* asking = app.add_subcommand(
        "health", "Ask the running gateway whether it works; for containers and scripts without curl");
    add_config(*asking, given.config);
    asking->add_flag("--ready", given.ready, "Ask whether it accepts requests");
    asking->callback([&] { status = health(given.config, given.ready); });

    auto* opening = app.add_subcommand(
        "console", "Print the address of the running gateway's console, with a code that logs in once");
    add_config(*opening, given.config);
    opening
        ->add_option("--url", given.url,
                     "The address of a proxy in front of the admin listener, with its path")
        ->type_name("URL");
    opening->callback([&] { status = console(given.config, given.url); });

    auto* keeping = app.add_subcommand(
        "keys", "List, make, rotate, block and revoke the keys of clients in a running gateway");
    add_keys(*keeping, given.keys);
    keeping->callback([&] { status = manage_keys(given.keys); });

    auto* limiting =
        app.add_subcommand("limits", "Show how far limits and budgets of a running gateway are used");
    add_limits(*limiting, given.limits);
    limiting->callback([&] { status = show_limits(given.limits); });

    auto* spending = app.add_subcommand("spend", "Show tokens and costs by client, group, model or route");
    add_spend(*spending, given.spend);
    spending->callback([&] { status = show_spend(given.spend); });

    auto* surveying = app.add_subcommand(
        "upstream",
        "Show the models, dedicated endpoints, routing profiles or API keys that the providers know, with warnings");
    add_upstream(*surveying, given.upstream);
    surveying->callback([&] { status = show_upstream(given.upstream); });

    auto* pricing = app.add_subcommand("prices", "Convert a public list of prices to tables of prices");
    add_prices(*pricing, given.prices);
    pricing->callback([&] { status = import_prices(given.prices); });

    auto* listing =
        app.add_subcommand("plugins", "List the plugins that were found and those that were refused");
    add_folders(*listing, given.where);
    listing->callback([&] { status = list_plugins(given.where); });

    auto* explaining = app.add_subcommand(
        "explain",
        "Show the keys of a table: explain server, explain provider NAME; or the routes that a request would "
        "get: explain request FILE -c CONFIG");
    add_folders(*explaining, given.where);
    explaining->add_option("kind", given.kind, "A table of the core, a kind of plugin, or `request`");
    explaining->add_option(
        "name", given.name,
        "A plugin's name; for `request` the file with the client's JSON, - for standard input");
    explaining->add_flag("--toml", given.as_toml, "As lines for the configuration");
    add_explain_request(*explaining, given.explain);
    explaining->callback([&] { status = run_explain(given); });

    auto* schema = app.add_subcommand("schema", "Print a JSON Schema of the configuration, for editors");
    add_folders(*schema, given.where);
    schema->callback([&] { status = print_schema(given.where); });

    auto* making = app.add_subcommand("new-plugin", "Create a project for a new plugin");
    making
        ->add_option("kind", given.kind,
                     "provider, signer, authenticator, mapper, dialect, hook, limiter, observer or store")
        ->required();
    making->add_option("name", given.name, "The plugin's name, for `use = \"NAME\"`")->required();
    making->add_option("--folder", given.folder, "The new folder, instead of ./NAME")->type_name("DIR");
    making->callback([&] { status = new_plugin(given.kind, given.name, given.folder); });

    auto* hashing = app.add_subcommand("hash-key", "Print a client's key as sha256:…, for the configuration");
    hashing->add_option(
        "key", given.key,
        "The key; if omitted, it is read from standard input, so that the shell history does not contain it");
    hashing->callback([&] { status = hash_key(given.key); });

    auto* driving = app.add_subcommand(
        "plugin-check", "Test a plugin with valid, invalid and hostile calls, and report its defects");
    add_plugin_check(*driving, given.plugin_check);
    driving->callback([&] { status = check_plugin(given.plugin_check); });

    app.add_subcommand("version", "Print the version")->callback([&] { status = show_version(); });

    app.set_version_flag("--version", version_text());

    try {
        if (argc > 1) expect_command(app, argv[1]);
        app.parse(argc, argv);
        return status;
    } catch (const CLI::RequiredError& missing) {
        return fail(exit_status::usage, missing.what() + ("\n\n" + help_of_chosen(app)));
    } catch (const CLI::ParseError& failure) {
        return app.exit(failure) == 0 ? exit_status::ok : exit_status::usage;
    }
}

/// Returns `status`; failure if standard output did not take everything, for example on a full disk.
int with_complete_output(int status) {
    if (std::cout.flush()) return status;
    return fail(exit_status::failure, "standard output cannot be written, the output is incomplete");
}

}  // namespace
}  // namespace gatehouse::core

int main(int argc, char** argv) {
    try {
        return gatehouse::core::with_complete_output(gatehouse::core::run(argc, argv));
    } catch (const std::exception& failure) {
        std::cerr << "gatehouse: " << failure.what() << std::endl;
        return gatehouse::core::exit_status::failure;
    }
}
