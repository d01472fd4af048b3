// SPDX-License-Identifier: Apache-2.0
#include "plugins/provider/anthropic/advice.hpp"

#include "plugins/provider/anthropic/text.hpp"

namespace gatehouse::anthropic {

namespace {

constexpr const char* key_advice =
    "The key must be one of the Anthropic Console (it begins with sk-ant-), sent in the header x-api-key: "
    "name a signer in the provider's table (signer = \"NAME\") and give it\n"
    "[signer.NAME] with use = \"bearer\", header = \"x-api-key\", scheme = \"\" and "
    "key = \"env:ANTHROPIC_API_KEY\".";

}  // namespace

std::string advise(int status, std::string_view body, const Model& model, const std::string& host) {
    const ErrorBody said = read_error(body);
    if (says_no_credit(said))
        return "The account has no credit left or has reached a spend limit: see Plans & Billing in the "
               "Anthropic Console.";
    switch (status) {
        case 401: return key_advice;
        case 403:
            return "The key is valid, but its workspace may not do this: check in the Anthropic Console "
                   "which "
                   "models the workspace has, and whether it limits the addresses that may use the key.";
        case 404:
            if (model.id.empty())
                return "There is no list of models at " + host +
                       "/v1/models: check base_url, which has no /v1 at its end.";
            return "Check the name " + shown(model.id) +
                   " against the list of models (discover = true, then GET /v1/models), and base_url, which "
                   "has no /v1 at its end.  Models that were retired are gone.";
        case 413: return "The API accepts requests of at most 32 MB.";
        case 429:
            return "The organisation's tier sets the limits of each model: see Limits in the "
                   "Anthropic Console, or route to a second provider.";
        case 529: return "The API itself is overloaded for all customers: configure a second route.";
        default: break;
    }
    const std::string text = lower_case(said.message);
    if (status == 400 && text.find("anthropic-version") != text.npos)
        return "The API does not know this version: remove the key version, or set it to 2023-06-01.";
    if (status == 400 && text.find("anthropic-beta") != text.npos)
        return "The API does not know a name in the key beta, or does not support it for this model.";
    if (status >= 300 && status < 400)
        return "The gateway does not follow redirects: set base_url to the final URL.";
    return status >= 500 ? "The service itself fails: try later, see status.anthropic.com, and configure a "
                           "second route."
                         : "";
}

}  // namespace gatehouse::anthropic
