// SPDX-License-Identifier: Apache-2.0
// Lets in who has shown a TLS certificate that the core has verified, by its subject.
//
// Which authorities are trusted is the core's affair, [server.tls] client_ca; here it
// is said who of those they vouch for may come in, and as whom.  Read-only after its
// construction: any thread.
#include "plugins/auth/certificate/subject.hpp"
#include "plugins/common/inbound/model_patterns.hpp"

#include <gatehouse/sdk.hpp>

#include <algorithm>
#include <optional>

namespace gatehouse::certificate {

namespace {

constexpr std::size_t longest_name = 64;

struct Rule {
    std::optional<std::string> common_name, subject, name;
    std::optional<std::vector<std::string>> models = {};
};
struct Options {
    std::vector<Rule> clients = {};
    std::string name_prefix = {};
};

const Fields<Options> fields = {
    tables("clients", &Options::clients,
           Fields<Rule>{
               optional("common_name", &Rule::common_name,
                        "What the CN of the certificate's subject must be; a star stands for any rest: "
                        "\"*.agents.example.com\"."),
               optional("subject", &Rule::subject,
                        "What the whole subject must be, as RFC 2253 writes it; a star stands for any rest: "
                        "\"CN=openclaw,O=Example\"."),
               optional("name", &Rule::name,
                        "The client's name in the log and the metrics; the CN, if left out."),
               optional("models", &Rule::models,
                        "The models that it may name, as clients write them; a star at the end stands for "
                        "any rest: [\"gpt-5\", \"oci/*\"].  All, if left out."),
           },
           "Whose certificates are let in; the first that fits decides: [{ common_name = \"openclaw\" }]."),
    optional("name_prefix", &Options::name_prefix,
             "What to put before a CN that becomes a name, so that no certificate can have the name of "
             "another door's client."),
};

bool is_visible(char c) { return c > ' ' && c < 0x7F; }

bool is_name(std::string_view text) {
    return !text.empty() && text.size() <= longest_name && std::all_of(text.begin(), text.end(), is_visible);
}

void check(const Rule& rule, const std::string& path) {
    if (!rule.common_name && !rule.subject)
        throw KeyError(path, "whose certificate?  Give common_name or subject; \"*\" stands for any");
    if (rule.common_name && rule.common_name->empty())
        throw KeyError(path + ".common_name", "an empty CN is nobody's; \"*\" stands for any");
    if (rule.subject && rule.subject->empty())
        throw KeyError(path + ".subject", "an empty subject is nobody's; \"*\" stands for any");
    if (rule.name && !is_name(*rule.name))
        throw KeyError(path + ".name", "a name has 1 to 64 visible ASCII characters, no blanks");
    if (rule.models) inbound::check_models(*rule.models, path + ".models", "the certificate");
}

}  // namespace

class Certificate final : public Authenticator {
public:
    Certificate(Options options, Host&) : options_(std::move(options)) {
        if (options_.clients.empty())
            throw KeyError("clients", "no clients: nobody could come in; give [{ common_name = \"...\" }]");
        for (std::size_t i = 0; i < options_.clients.size(); ++i)
            check(options_.clients[i], "clients[" + std::to_string(i) + "]");
        if (!options_.name_prefix.empty() && !is_name(options_.name_prefix))
            throw KeyError("name_prefix", "a prefix has at most 64 visible ASCII characters, no blanks");
    }

    void authenticate(const http::RequestHead& head, Completion<Identity> done) override {
        if (head.certificate.empty()) return done(refused("none was shown"));
        const auto name = common_name(head.certificate);
        for (const Rule& rule : options_.clients) {
            if (rule.common_name && !(name && fits(*rule.common_name, *name))) continue;
            if (rule.subject && !fits(*rule.subject, head.certificate)) continue;
            return done(identity(rule, name));
        }
        done(refused("no rule fits " + head.certificate));
    }

private:
    static Error refused(std::string why) {
        return {ErrorKind::unauthenticated, "the client certificate is missing or not allowed",
                std::move(why)};
    }

    Result<Identity> identity(const Rule& rule, std::optional<std::string_view> common_name) const {
        Identity who;
        if (rule.name)
            who.name = *rule.name;
        else if (common_name && is_name(*common_name))
            who.name = options_.name_prefix + std::string(*common_name);
        else
            return refused(
                "its CN can be no name: there are none or several, or it is empty, too long, or "
                "has blanks");
        if (rule.models) who.models = *rule.models;
        return who;
    }

    const Options options_;
};

}  // namespace gatehouse::certificate

GATEHOUSE_PLUGIN(gatehouse::certificate::Certificate, gatehouse::certificate::Options,
                 gatehouse::certificate::fields, "certificate", "1.0.0");
