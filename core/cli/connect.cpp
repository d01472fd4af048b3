// SPDX-License-Identifier: Apache-2.0
// `gatehouse connect`: asks one question as the client would, then adds the gateway to the client's own
// configuration file, and keeps a copy.
#include "core/cli/client_description.hpp"
#include "core/cli/data_folder.hpp"
#include "core/cli/output.hpp"
#include "core/cli/replace_file.hpp"
#include "core/cli/small_client.hpp"
#include "core/util/suggest.hpp"
#include "core/util/text_file.hpp"

#include <gatehouse/value.hpp>

#include <algorithm>
#include <iostream>
#include <system_error>

namespace gatehouse::core {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t max_file_bytes = 4 * 1024 * 1024, max_response_bytes = 1024 * 1024;
constexpr int turn_s = 120;

fs::path copy_of(const fs::path& file) { return file.string() + ".before-gatehouse"; }

Result<SmallResponse> send(const ConnectOptions& asked, const ClientRequest& what) {
    auto request = request_to(asked.url);
    if (!request) return request.error();
    request->method = what.body.empty() ? "GET" : "POST";
    request->path += what.path;
    request->headers = what.headers;
    request->body = what.body;
    request->seconds = turn_s;
    request->max_bytes = max_response_bytes;
    return ask(*request);
}

/// The advice for a list of models that the gateway refuses.
std::string advice_on(int status) {
    if (status == 401 || status == 403) return "; check --key, or give the model with --model";
    if (status == 404)
        return "; check --url, or add the dialect with this path to the gateway's configuration";
    return "; see the gateway's log, or give the model with --model";
}

/// The first model that the gateway lists.
Result<std::string> first_model(const ConnectOptions& asked, const ClientDescription& client) {
    const auto response = send(asked, client.models);
    const std::string place = asked.url + client.models.path + ": ";
    if (!response)
        return refused(place + response.error().message + "; start the gateway, or give --url and --model");
    if (response->status != 200) return refused(place + response->reason + advice_on(response->status));
    const std::string model = text_at(response->body, client.models.text);
    if (model.empty()) return refused(place + "the gateway lists no model; give --model");
    return model;
}

Result<std::string> content_of(const fs::path& file) {
    std::error_code ignored;
    if (!fs::exists(file, ignored)) return std::string();
    auto text = read_text_file(file, max_file_bytes);
    if (!text) return refused("cannot read " + file.string() + ": " + text.error().message);
    return text;
}

/// The advice for a response that says that the gateway has no such path.  An unknown model has the same
/// status.
std::string missing_dialect(const SmallResponse& response, const ClientDescription& client) {
    if (response.status != 404 || response.body.find("endpoint at /") == std::string::npos) return {};
    return "\ncheck --url, or add a [dialect.NAME] with use = " + toml_quoted(client.dialect) +
           " to the gateway's configuration";
}

/// Sends one question, and prints the answer.
int take_turn(const ConnectOptions& asked, const ClientDescription& client) {
    const auto response = send(asked, client.turn);
    const std::string place = asked.url + client.turn.path + ": ";
    if (!response)
        return fail(exit_status::failure, place + response.error().message + "; is the gateway running?");
    if (response->status != 200)
        return fail(exit_status::failure, place + response->reason + "\n" + response->body.substr(0, 1000) +
                                              missing_dialect(*response, client));
    std::cout << "asked " << client.model << ": " << response->reason << ", "
              << toml_quoted(text_at(response->body, client.turn.text).substr(0, 200)) << '\n';
    return exit_status::ok;
}

int undo(const fs::path& file) {
    std::error_code ignored;
    if (!fs::exists(copy_of(file), ignored))
        return fail(exit_status::usage, "there is no copy " + copy_of(file).string() + ": nothing to undo");
    const fs::path connected = file.string() + ".with-gatehouse";
    if (fs::exists(file, ignored)) {
        if (auto ok = copy_private(file, connected); !ok)
            return fail(exit_status::failure, ok.error().message);
    }
    std::error_code failure;
    if (fs::file_size(copy_of(file), ignored) == 0) {
        fs::remove(copy_of(file), failure);
        if (!failure) fs::remove(file, failure);
        std::cout << "removed " << file.string() << ", which did not exist before";
    } else {
        const fs::perms mode = fs::status(copy_of(file), ignored).permissions();
        if (auto ok = put_in_place(copy_of(file), file); !ok)
            return fail(exit_status::failure, ok.error().message);
        fs::permissions(file, mode, failure);
        std::cout << "restored " << file.string();
    }
    if (failure) return fail(exit_status::failure, file.string() + ": " + failure.message());
    std::cout << "; the connected file is kept as " << connected.string() << '\n';
    return exit_status::ok;
}

/// Takes the rights to a file that exists from all users but its owner.
void make_private(const fs::path& file) {
    constexpr fs::perms others = fs::perms::group_all | fs::perms::others_all;
    std::error_code failure;
    const fs::perms mode = fs::status(file, failure).permissions();
    if (failure || (mode & others) == fs::perms::none) return;
    fs::permissions(file, others, fs::perm_options::remove, failure);
    std::cout << (failure ? "other users may read the key in it: " + failure.message()
                          : "only its owner may read it now, because it has the key")
              << '\n';
}

/// Writes the changed file.  The copy of the first call is that of the file before any connection.
/// `has_key`: only the owner may read the file from now on.
Result<void> write_connected(const fs::path& file, const std::string& before, const std::string& after,
                             bool has_key) {
    std::error_code ignored;
    if (!fs::exists(copy_of(file), ignored)) {
        fs::create_directories(file.parent_path().empty() ? fs::path(".") : file.parent_path(), ignored);
        auto kept = before.empty() ? write_private(copy_of(file), "") : copy_private(file, copy_of(file));
        if (!kept) return kept;
    }
    if (has_key) make_private(file);  // the new file gets the mode of the old one
    return replace_file(file, after);
}

}  // namespace

int connect(const ConnectOptions& given) {
    ConnectOptions asked = given;
    // Users copy a base URL, which ends in /v1.
    for (const std::string_view ending : {"/", "/v1", "/"})
        if (asked.url.ends_with(ending)) asked.url.erase(asked.url.size() - ending.size());
    auto folder = example_folder("connect");
    if (!folder) return fail(exit_status::failure, folder.error().message);
    const std::vector<std::string> known = names_with_suffix(*folder, ".json");
    if (!std::ranges::count(known, asked.client))
        return fail(exit_status::usage, "there is no client " + toml_quoted(asked.client) +
                                            suggestion(asked.client, known) +
                                            " (there are: " + joined(known) + ")");
    auto client = ClientDescription::read(*folder / (asked.client + ".json"));
    if (!client) return fail(exit_status::failure, client.error().message);
    const fs::path file = asked.file ? *asked.file : client->file;
    if (asked.undo) return undo(file);
    if (asked.key.empty())
        return fail(exit_status::usage, "give --key, or GATEHOUSE_KEY: a key of the gateway's clients");

    if (auto ok = client->fill({{"url", asked.url}, {"key", asked.key}}); !ok)
        return fail(exit_status::failure, ok.error().message);
    auto model = asked.model.empty() ? first_model(asked, *client) : Result<std::string>(asked.model);
    if (!model) return fail(exit_status::failure, model.error().message);
    if (auto ok = client->fill({{"url", asked.url}, {"key", asked.key}, {"model", *model}}); !ok)
        return fail(exit_status::failure, ok.error().message);

    auto before = content_of(file);
    if (!before) return fail(exit_status::failure, before.error().message);
    auto after = client->patched(*before);
    if (!after)
        return fail(exit_status::usage, file.string() + " is not changed: " + after.error().message +
                                            ".  Add these members yourself:\n" + client->shown_members());
    if (asked.dry) {
        std::cout << "# " << file.string() << " would be:\n" << *after;
        return exit_status::ok;
    }
    if (const int status = take_turn(asked, *client); status != exit_status::ok) {
        std::cerr << file.string() << " is not changed\n";
        return status;
    }
    if (auto ok = write_connected(file, *before, *after, after->find(asked.key) != after->npos); !ok)
        return fail(exit_status::failure, ok.error().message);
    std::cout << "wrote " << file.string() << "; --undo restores it from " << copy_of(file).string() << '\n';
    if (client->loses_comments(*before)) std::cout << "the new file has no comments; the copy has them\n";
    for (const std::string& note : client->notes) std::cout << note << '\n';
    return exit_status::ok;
}

}  // namespace gatehouse::core
