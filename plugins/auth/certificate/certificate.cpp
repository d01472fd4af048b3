// SPDX-License-Identifier: Apache-2.0
// Authenticates clients by the subject and the alternative names of a TLS certificate
// that the core has verified.
//
// The core trusts the authorities in [server.tls] client_ca.  This plugin decides which
// of their certificates are accepted, and the client's name.  Read-only after its
// construction: any thread.
#include "plugins/auth/certificate/subject.hpp"
#include "plugins/common/inbound/client_facts.hpp"
#include "plugins/common/inbound/model_patterns.hpp"

#include <gatehouse/sdk.hpp>

#include <algorithm>
#include <optional>

namespace gatehouse::certificate {

namespace {

struct Rule {
    std::optional<std::string> common_name, subject, alternative_name, name;
    std::optional<std::vector<std::string>> models = {};
    std::vector<std::string> groups = {};
    inbound::Attributes attributes = {};
};
struct Options {
    std::vector<Rule> clients = {};
    std::string name_prefix = {};
};

const Fields<Options> fields = {
    tables(
        "clients", &Options::clients,
        Fields<Rule>{
            optional("common_name", &Rule::common_name,
                     "Required CN of the certificate's subject; a star matches any text: "
                     "\"*.agents.example.com\"."),
            optional("subject", &Rule::subject,
                     "Required subject in the notation of RFC 2253; a star matches any text: "
                     "\"CN=openclaw,O=Example\"."),
            optional("alternative_name", &Rule::alternative_name,
                     "Required alternative name with its kind, DNS:, URI:, email: or "
                     "IP:; a star matches any text: \"URI:spiffe://example.org/*\"."),
            optional("name", &Rule::name,
                     "The client's name in the log and the metrics; if omitted, the alternative name that "
                     "fits, or without such a rule the CN."),
            optional("models", &Rule::models,
                     "The models that it may use, by the names that clients send; a star at the end matches "
                     "any text: [\"gpt-5\", \"oci/*\"].  All models, if omitted."),
            optional("groups", &Rule::groups, "The client's groups, for rules, hooks and reports."),
            string_lists("attributes", &Rule::attributes,
                         "Other facts about the client: { tenant = \"a\" }."),
        },
        "Rules for certificates; the first rule that matches decides: [{ common_name = \"openclaw\" }]."),
    optional("name_prefix", &Options::name_prefix,
             "Prefix of a name that comes from the certificate, so that no certificate can have the "
             "name of "
             "another authenticator's client."),
};

void check_alternative(std::string_view pattern, const std::string& path) {
    const std::string_view kind = kind_of(pattern), rest = pattern.substr(kind.size());
    if (kind.empty() || rest.empty())
        throw KeyError(
            path,
            "expected a kind of name and a name, such as \"DNS:agent.example\"; the kinds are DNS:, "
            "URI:, email: and IP:");
    if (kind == "DNS:" && std::any_of(rest.begin(), rest.end(), [](char c) { return c >= 'A' && c <= 'Z'; }))
        throw KeyError(path, "host names are compared in lower case; write this name in lower case");
}

void check(const Rule& rule, const std::string& path) {
    if (!rule.common_name && !rule.subject && !rule.alternative_name)
        throw KeyError(
            path,
            "the rule matches no certificate; give common_name, subject or alternative_name, or \"*\" "
            "for any");
    if (rule.common_name && rule.common_name->empty())
        throw KeyError(path + ".common_name",
                       "the CN is empty and matches no certificate; use \"*\" for any CN");
    if (rule.subject && rule.subject->empty())
        throw KeyError(path + ".subject",
                       "the subject is empty and matches no certificate; use \"*\" for any subject");
    if (rule.alternative_name) check_alternative(*rule.alternative_name, path + ".alternative_name");
    if (rule.name && !inbound::is_client_name(*rule.name))
        throw KeyError(path + ".name", "a name must have 1 to 64 visible ASCII characters and no blanks");
    if (rule.models) inbound::check_models(*rule.models, path + ".models", "the certificate");
    inbound::check_facts(rule.groups, rule.attributes, path + ".");
}

}  // namespace

class Certificate final : public Authenticator {
public:
    Certificate(Options options, Host&) : options_(std::move(options)) {
        if (options_.clients.empty())
            throw KeyError("clients",
                           "no clients; give at least one rule, such as [{ common_name = \"...\" }]");
        for (std::size_t i = 0; i < options_.clients.size(); ++i)
            check(options_.clients[i], "clients[" + std::to_string(i) + "]");
        if (!options_.name_prefix.empty() && !inbound::is_client_name(options_.name_prefix))
            throw KeyError("name_prefix",
                           "name_prefix must have at most 64 visible ASCII characters and no blanks");
    }

    void authenticate(const http::RequestHead& head, Completion<Identity> done) override {
        if (head.certificate.empty() && head.certificate_names.empty())
            return done(refused("the client sent no certificate"));
        const auto name = common_name(head.certificate);
        for (const Rule& rule : options_.clients) {
            if (rule.common_name && !(name && fits(*rule.common_name, *name))) continue;
            if (rule.subject && !fits(*rule.subject, head.certificate)) continue;
            if (!rule.alternative_name) return done(identity(rule, name));
            const auto alternative =
                std::find_if(head.certificate_names.begin(), head.certificate_names.end(),
                             [&](const std::string& one) { return fits(*rule.alternative_name, one); });
            if (alternative == head.certificate_names.end()) continue;
            return done(identity(rule, std::string_view(*alternative).substr(kind_of(*alternative).size())));
        }
        std::string who = head.certificate;
        for (const std::string& one : head.certificate_names) who += (who.empty() ? "" : " ") + one;
        done(refused("no rule matches " + who));
    }

private:
    static Error refused(std::string why) {
        return {ErrorKind::unauthenticated, "the client certificate is missing or not allowed",
                std::move(why)};
    }

    /// `own`: what the certificate calls its owner.
    Result<Identity> identity(const Rule& rule, std::optional<std::string_view> own) const {
        Identity who;
        if (rule.name)
            who.name = *rule.name;
        else if (own && inbound::is_client_name(*own))
            who.name = options_.name_prefix + std::string(*own);
        else if (rule.alternative_name)
            return refused("its alternative name is too long for a client's name; give the rule a name");
        else
            return refused(
                "its CN cannot be a name: it is missing, repeated, empty or too long, or "
                "has blanks");
        if (rule.models) who.models = *rule.models;
        who.groups = rule.groups;
        who.attributes = rule.attributes;
        return who;
    }

    const Options options_;
};

}  // namespace gatehouse::certificate

GATEHOUSE_PLUGIN(gatehouse::certificate::Certificate, gatehouse::certificate::Options,
                 gatehouse::certificate::fields, "certificate", "1.0.0");
