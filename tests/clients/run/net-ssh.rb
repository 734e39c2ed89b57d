require "net/ssh"

options = {
  port: Integer(ENV.fetch("PORT")), password: ENV.fetch("PASSWORD"), verify_host_key: :never, non_interactive: true,
  config: false, keys: [], keys_only: true, use_agent: false
}
begin
  Net::SSH.start("127.0.0.1", ENV.fetch("NAME"), options) { |session| print session.exec!("id -un") }
rescue Net::SSH::Exception => e
  abort("#{e.class}: #{e.message}")
end
