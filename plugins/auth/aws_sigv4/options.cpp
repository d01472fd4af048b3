// SPDX-License-Identifier: Apache-2.0
#include "plugins/auth/aws_sigv4/options.hpp"

#include <algorithm>

namespace gatehouse::aws {

const Fields<Options> fields = {
    required("region", &Options::region, "The region of the service, such as us-east-1."),
    optional("service", &Options::service, "The signing name of the service."),
    secret("access_key_id", &Options::access_key_id, "The access key, such as \"env:AWS_ACCESS_KEY_ID\"."),
    secret("secret_access_key", &Options::secret_access_key,
           "The secret of the access key, such as \"env:AWS_SECRET_ACCESS_KEY\"."),
    secret("session_token", &Options::session_token,
           "The session token of temporary credentials, such as \"env:AWS_SESSION_TOKEN\"."),
    optional("profile", &Options::profile,
             "A profile of the credentials file, in place of access_key_id; read again when the file has "
             "changed."),
    optional("credentials_file", &Options::credentials_file,
             "The credentials file, if it is not ~/.aws/credentials."),
};

namespace {

/// Both become parts of the scope, whose separator is a slash.
bool is_name(const std::string& text) {
    return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
    });
}

}  // namespace

void check_scope(const Options& options) {
    if (!is_name(options.region)) throw KeyError("region", "expected a region such as us-east-1");
    if (!is_name(options.service)) throw KeyError("service", "expected a signing name such as bedrock");
    if (options.service == "s3")
        throw KeyError("service", "S3 is not supported, because its signature encodes paths differently");
}

}  // namespace gatehouse::aws
