// SPDX-License-Identifier: Apache-2.0
// A chat request signed for OCI, and the RSA operation alone, as
// `openssl speed rsa2048` measures it.
#include "tools/benchmark/micro/plugins.hpp"

#include <benchmark/benchmark.h>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <string>

using namespace gatehouse;
using namespace gatehouse::benchmark;

namespace {

struct Key {
    Key() {
        BIO* out = BIO_new(BIO_s_mem());
        PEM_write_bio_PrivateKey(out, key, nullptr, nullptr, 0, nullptr, nullptr);
        char* data = nullptr;
        const long size = BIO_get_mem_data(out, &data);
        pem.assign(data, static_cast<std::size_t>(size));
        BIO_free(out);
    }
    EVP_PKEY* key = EVP_RSA_gen(2048);
    std::string pem;
};

const Key& key() {
    static const Key one;
    return one;
}

void rsa_alone(::benchmark::State& state) {
    EVP_PKEY_CTX* context = EVP_PKEY_CTX_new(key().key, nullptr);
    EVP_PKEY_sign_init(context);
    EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING);
    EVP_PKEY_CTX_set_signature_md(context, EVP_sha256());
    const unsigned char digest[32] = {1};
    unsigned char out[512];
    for (auto _ : state) {
        std::size_t size = sizeof out;
        if (EVP_PKEY_sign(context, out, &size, digest, sizeof digest) != 1) fail("RSA");
    }
    EVP_PKEY_CTX_free(context);
}
BENCHMARK(rsa_alone);

void signature(::benchmark::State& state) {
    testing::FakeHost host;
    auto signer = open<Signer>("auth/oci_signer/oci_signer",
                               testing::strings({{"principal", "api_key"},
                                                 {"tenancy", "ocid1.tenancy.oc1..bench"},
                                                 {"user", "ocid1.user.oc1..bench"},
                                                 {"key", key().pem},
                                                 {"config_file", "/dev/null"}}),
                               host);
    http::Request request{.method = "POST", .url = "https://inference.example.com/20231130/actions/chat"};
    request.headers.add("content-type", "application/json");
    request.body.assign(static_cast<std::size_t>(state.range(0)), 'x');
    for (auto _ : state) {
        std::optional<Result<http::Request>> signed_request;
        signer->sign(request, testing::into(signed_request));
        if (!signed_request) fail("the signature did not come at once");
        expect(std::move(*signed_request));
    }
}
BENCHMARK(signature)->Arg(300)->Arg(61'000)->Arg(1'000'000);

}  // namespace
